/* The same as device.py, in a language that no tap knows: device PORT NAME COUNT */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  const char *name = argv[2];
  const int count = atoi(argv[3]);
  const int device = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in relay = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  const struct timeval patience = {.tv_usec = 100000};
  inet_pton(AF_INET, "127.0.0.1", &relay.sin_addr);
  setsockopt(device, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(device, (struct sockaddr *)&relay, sizeof relay) != 0) return 1;
  for (int number = 0; number < count;) {
    char wanted[128], own[128], answer[128] = "";
    const int length = snprintf(wanted, sizeof wanted, "ack %s %d", name, number);
    snprintf(own, sizeof own, "ack %s ", name);
    send(device, wanted + 4, length - 4, 0);
    if (recv(device, answer, sizeof answer - 1, 0) < 0) continue;
    if (strcmp(answer, wanted) == 0) number++;
    else if (strncmp(answer, own, strlen(own)) != 0) return 3; /* somebody else's */
  }
  printf("%s: all %d answered\n", name, count);
  return 0;
}
