/* An echo server on 127.0.0.1 that prints its port. Ends with SIGINT, politely. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void leave(int number) {
  (void)number;
  ssize_t ignored = write(1, "bye\n", 4);
  (void)ignored;
  _exit(7);
}

int main(void) {
  signal(SIGINT, leave);
  int own = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof local;
  if (bind(own, (struct sockaddr *)&local, sizeof local) != 0) return 1;
  getsockname(own, (struct sockaddr *)&local, &length);
  printf("%d\n", ntohs(local.sin_port));
  fflush(stdout);
  for (;;) {
    char buffer[65536];
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    ssize_t count = recvfrom(own, buffer, sizeof buffer, 0, (struct sockaddr *)&peer, &size);
    if (count < 0) return 1;
    sendto(own, buffer, (size_t)count, 0, (struct sockaddr *)&peer, size);
  }
}
