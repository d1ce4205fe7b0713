/*
 * Closed-loop load for a UDP echo server on 127.0.0.1: keeps WINDOW requests of SIZE bytes outstanding, spread over
 * SOCKETS source ports, and counts the replies. Many datagrams a system call (Linux), so that it is not the bottleneck.
 *
 *     load_generator PORT WARM_SECONDS SECONDS WINDOW SIZE SOCKETS
 *
 * Waits until the server answers. Prints "begin" when it has warmed up, goes on when it is sent a line, and prints a line
 * of JSON at the end: `busy` is the share of the time that this program needed the processor for; near 1 it was itself
 * the bottleneck.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define MOST_SOCKETS 1024
#define MOST_BYTES 65507
#define PATIENCE_S 20
/* A request without a reply for so long is lost, and another takes its place. */
#define LOST_MS 1000

static struct pollfd sockets[MOST_SOCKETS];
static int outstanding[MOST_SOCKETS];
static struct mmsghdr received[BATCH], requests[BATCH];
static char request[MOST_BYTES], replies[BATCH][MOST_BYTES];
static long sent, got, lost;

static double seconds_of(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static int has_reply(struct pollfd *socket, int milliseconds) {
  return poll(socket, 1, milliseconds) > 0 && recv(socket->fd, replies[0], MOST_BYTES, MSG_DONTWAIT) >= 0;
}

/* While nobody has the port, the system refuses at once: asking again without a pause would be over before the bind. */
static int wait_for_server(int size) {
  double end = seconds_of(CLOCK_MONOTONIC) + PATIENCE_S;
  while (seconds_of(CLOCK_MONOTONIC) < end) {
    send(sockets[0].fd, request, size, 0);
    if (has_reply(&sockets[0], 20)) {
      while (has_reply(&sockets[0], 50)) continue;
      return 1;
    }
    usleep(10000);
  }
  return 0;
}

static void keep_busy(int count, int share, double seconds) {
  double end = seconds_of(CLOCK_MONOTONIC) + seconds;
  while (seconds_of(CLOCK_MONOTONIC) < end) {
    for (int at = 0; at < count; at++) {
      while (outstanding[at] < share) {
        int most = share - outstanding[at] < BATCH ? share - outstanding[at] : BATCH;
        int done = sendmmsg(sockets[at].fd, requests, most, 0);
        if (done <= 0) break;
        sent += done;
        outstanding[at] += done;
      }
    }
    if (poll(sockets, count, LOST_MS) <= 0) {
      for (int at = 0; at < count; at++) {
        lost += outstanding[at];
        outstanding[at] = 0;
      }
      continue;
    }
    for (int at = 0; at < count; at++) {
      if (!(sockets[at].revents & POLLIN)) continue;
      int done = recvmmsg(sockets[at].fd, received, BATCH, MSG_DONTWAIT, NULL);
      if (done <= 0) continue;
      got += done;
      outstanding[at] = done < outstanding[at] ? outstanding[at] - done : 0;
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 7) return fprintf(stderr, "load_generator: PORT WARM_SECONDS SECONDS WINDOW SIZE SOCKETS\n"), 2;
  int port = atoi(argv[1]), window = atoi(argv[4]), size = atoi(argv[5]), count = atoi(argv[6]);
  double warm = atof(argv[2]), seconds = atof(argv[3]);
  if (count < 1 || count > MOST_SOCKETS || window < count || size < 1 || size > MOST_BYTES || seconds <= 0)
    return fprintf(stderr, "load_generator: arguments out of range\n"), 2;

  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int buffer = 4 << 20;
  for (int at = 0; at < count; at++) {
    int socket_ = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (socket_ < 0 || connect(socket_, (struct sockaddr *)&server, sizeof server))
      return perror("load_generator: connect"), 1;
    sockets[at] = (struct pollfd){.fd = socket_, .events = POLLIN};
  }
  memset(request, 'a', sizeof request);
  static struct iovec in[BATCH], out;
  out = (struct iovec){request, size};
  for (int at = 0; at < BATCH; at++) {
    in[at] = (struct iovec){replies[at], MOST_BYTES};
    received[at].msg_hdr = (struct msghdr){.msg_iov = &in[at], .msg_iovlen = 1};
    requests[at].msg_hdr = (struct msghdr){.msg_iov = &out, .msg_iovlen = 1};
  }

  if (!wait_for_server(size)) return fprintf(stderr, "load_generator: nobody answers on port %d\n", port), 1;
  keep_busy(count, window / count, warm);
  puts("begin");
  fflush(stdout);
  getchar();
  sent = got = lost = 0;
  double start = seconds_of(CLOCK_MONOTONIC), used = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  keep_busy(count, window / count, seconds);
  double time = seconds_of(CLOCK_MONOTONIC) - start;
  used = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - used;
  printf("{\"replies\":%ld,\"lost\":%ld,\"seconds\":%f,\"busy\":%f}\n", got, lost, time, used / time);
  return 0;
}
