/* Every call that sends or receives a datagram, in threads and processes; prints what each of them returned. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in home = {.sin_family = AF_INET};
static const struct sockaddr *to_home = (struct sockaddr *)&home;
static char buffer[70000];

static void show(const char *call, ssize_t result) {
  printf("%s %zd %s\n", call, result, result < 0 ? strerror(errno) : "");
  fflush(stdout);
}

static void *receive_one(void *descriptor) {
  struct sockaddr_in peer;
  socklen_t size = sizeof peer;
  show("thread", recvfrom(*(int *)descriptor, buffer, 100, 0, (struct sockaddr *)&peer, &size));
  return NULL;
}

int main(void) {
  int server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int client = socket(AF_INET, SOCK_DGRAM, 0);
  socklen_t size = sizeof home;
  home.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  show("bind", bind(server, to_home, sizeof home));
  show("getsockname", getsockname(server, (struct sockaddr *)&home, &size));
  show("bind again", bind(client, to_home, sizeof home));

  show("sendto", sendto(client, "one\n\"x", 6, 0, to_home, sizeof home));
  struct sockaddr_in peer;
  struct sockaddr *from = (struct sockaddr *)&peer;
  size = sizeof peer;
  show("peek", recvfrom(server, buffer, 100, MSG_PEEK, from, &size));
  size = sizeof peer;
  show("cut", recvfrom(server, buffer, 2, MSG_TRUNC, from, &size));

  pthread_t thread;
  pthread_create(&thread, NULL, receive_one, &server);
  show("connect", connect(client, to_home, sizeof home));
  ssize_t sent = send(client, "two", 3, 0);
  // Said in the same order each time, whichever of the two is quicker.
  pthread_join(thread, NULL);
  show("send", sent);

  struct iovec parts[2] = {{"ab", 2}, {"cde", 3}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  struct mmsghdr several[2] = {{.msg_hdr = message}, {.msg_hdr = message}};
  several[0].msg_hdr.msg_iovlen = 1;
  show("write", write(client, "w", 1));
  show("writev", writev(client, parts, 2));
  show("sendmsg", sendmsg(client, &message, 0));
  show("sendmmsg", sendmmsg(client, several, 2, 0));
  show("empty", send(client, "", 0, 0));

  struct iovec places[3][2];
  struct mmsghdr into[3];
  struct sockaddr_in peers[3];
  memset(into, 0, sizeof into);
  for (int at = 0; at < 3; at++) {
    places[at][0] = (struct iovec){buffer + 100 * at, 3};
    places[at][1] = (struct iovec){buffer + 100 * at + 50, 20};
    into[at].msg_hdr.msg_iov = places[at];
    into[at].msg_hdr.msg_iovlen = 2;
    into[at].msg_hdr.msg_name = &peers[at];
    into[at].msg_hdr.msg_namelen = sizeof peers[at];
  }
  show("recvmmsg", recvmmsg(server, into, 3, MSG_DONTWAIT, NULL));
  show("recvmsg", recvmsg(server, &into[0].msg_hdr, 0));
  size = sizeof peer;
  show("recvfrom", recvfrom(server, buffer, 100, 0, from, &size));
  /* Nobody asks who has sent it. */
  show("read", read(server, buffer, 100));
  show("nothing", recv(server, buffer, 100, MSG_DONTWAIT));
  show("too long", send(client, buffer, sizeof buffer, 0));

  int copy = fcntl(client, F_DUPFD_CLOEXEC, 20);
  close(client);
  show("copy", write(copy, "copy", 4));

  int six = socket(AF_INET6, SOCK_DGRAM, 0);
  struct sockaddr_in6 mapped = {.sin6_family = AF_INET6, .sin6_port = home.sin_port};
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
  show("mapped", sendto(six, "six", 3, 0, (struct sockaddr *)&mapped, sizeof mapped));
  close(six);

  fflush(stdout);
  if (fork() == 0) {
    show("child", write(copy, "child", 5));
    execl("/bin/sh", "sh", "-c", "echo shell", NULL);
    _exit(1);
  }
  wait(NULL);
  show("connect to itself", connect(server, to_home, sizeof home));
  show("to itself", write(server, "me", 2));
  return 3;
}
