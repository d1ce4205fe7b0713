/* Asks for an io_uring, by which datagrams would pass that no system call tells of, and sends one by a call. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(9)};
  struct io_uring_params params;
  memset(&params, 0, sizeof params);
  int sender = socket(AF_INET, SOCK_DGRAM, 0);
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  long ring = syscall(SYS_io_uring_setup, 8, &params);
  printf("%s\n", ring < 0 ? strerror(errno) : "made");
  sendto(sender, "seen", 4, 0, (struct sockaddr *)&peer, sizeof peer);
  return 0;
}
