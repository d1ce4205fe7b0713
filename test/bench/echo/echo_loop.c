/* The least that an echo server can do, on 127.0.0.1: what the system itself costs. Usage: echo_loop PORT */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  static char payload[65536];
  int port = argc > 1 ? atoi(argv[1]) : 0, server = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (server < 0 || bind(server, (struct sockaddr *)&own, sizeof own)) return perror("echo_loop: bind"), 1;
  for (;;) {
    struct sockaddr_in sender;
    socklen_t length = sizeof sender;
    ssize_t size = recvfrom(server, payload, sizeof payload, 0, (struct sockaddr *)&sender, &length);
    if (size >= 0) sendto(server, payload, size, 0, (struct sockaddr *)&sender, length);
  }
}
