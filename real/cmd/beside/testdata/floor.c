/*
 * The least that a relay of TCP streams can do on this kernel: one thread, one epoll in
 * edge-triggered mode, one registration a socket, no timer, no log, no limit, no other end of
 * a session than that both sides have ended. What a relay costs beyond this one is what it
 * does for its money.
 *
 *   floor PORT TO-PORT copy|splice
 *
 * A side reads when it may have something and its peer has nothing left to send. A read that
 * does not fill the buffer is the last until the kernel reports again.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 64 << 10, PIPE = 1 << 20, EVENTS = 256, IDLE_PIPES = 64 };

struct side {
	int fd;
	struct side *peer;
	int readable, ending; /* reported since the last empty read; an end among it */
	int ended, shut;      /* its stream was read to the end; its peer knows */
	char *buf;            /* what was read from here and not sent yet; 0 = none */
	int off, len;
	int pipe[2], held;    /* the same in splice mode; pipe[0] is 0 for none */
};

static int ep, lst, to_port, splicing;
static int pool[IDLE_PIPES][2], pooled;
static char *spare[IDLE_PIPES];
static int spares;
static struct side *dead[EVENTS]; /* the first of two */
static int ndead;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int again(ssize_t n) { return n < 0 && (errno == EAGAIN || errno == ENOTCONN); }

/* lose closes both sides of a session. What is reported of them in this round is for nobody,
 * so the memory is given back behind it. */
static void lose(struct side *s)
{
	if (s->fd < 0)
		return;
	close(s->fd);
	close(s->peer->fd);
	s->fd = s->peer->fd = -1;
	dead[ndead++] = s < s->peer ? s : s->peer;
}

static void give_buffer(struct side *s)
{
	if (spares < IDLE_PIPES)
		spare[spares++] = s->buf;
	else
		free(s->buf);
	s->buf = 0;
}

/* copy moves bytes from one side to the other until one of them has to wait; -1 is an error. */
static int copy(struct side *s)
{
	for (;;) {
		while (s->off < s->len) {
			ssize_t n = send(s->peer->fd, s->buf + s->off, s->len - s->off, MSG_NOSIGNAL);
			if (again(n))
				return 0;
			if (n < 0)
				return -1;
			s->off += n;
		}
		if (s->buf && !s->readable)
			give_buffer(s);
		if (!s->readable)
			return 0;
		if (!s->buf)
			s->buf = spares ? spare[--spares] : malloc(BUFFER);
		s->off = s->len = 0;
		ssize_t n = recv(s->fd, s->buf, BUFFER, 0);
		if (again(n)) {
			s->readable = 0;
			continue;
		}
		if (n < 0)
			return -1;
		if (n == 0)
			s->ended = 1;
		if (n == 0 || (n < BUFFER && !s->ending))
			s->readable = 0;
		s->len = n;
	}
}

/* tube is copy through a pipe. */
static int tube(struct side *s)
{
	for (;;) {
		while (s->held) {
			ssize_t n = splice(s->pipe[0], 0, s->peer->fd, 0, s->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
			if (again(n))
				return 0;
			if (n < 0)
				return -1;
			s->held -= n;
		}
		if (!s->readable) {
			if (s->pipe[0] && pooled < IDLE_PIPES) {
				memcpy(pool[pooled++], s->pipe, sizeof s->pipe);
				s->pipe[0] = 0;
			}
			return 0;
		}
		if (!s->pipe[0] && pooled) {
			memcpy(s->pipe, pool[--pooled], sizeof s->pipe);
		} else if (!s->pipe[0]) {
			if (pipe2(s->pipe, O_NONBLOCK) < 0)
				die("pipe2");
			fcntl(s->pipe[0], F_SETPIPE_SZ, PIPE);
		}
		ssize_t n = splice(s->fd, 0, s->pipe[1], 0, PIPE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (again(n)) {
			s->readable = 0;
			continue;
		}
		if (n < 0)
			return -1;
		if (n == 0) {
			s->ended = 1;
			s->readable = 0;
		}
		s->held = n;
	}
}

/* pump moves what can be moved from one side, and passes its end on. */
static void pump(struct side *s)
{
	if (s->fd < 0)
		return;
	if ((splicing ? tube(s) : copy(s)) < 0) {
		lose(s);
		return;
	}
	if (!s->ended || s->shut || s->held || s->off < s->len)
		return;
	s->shut = 1;
	if (s->peer->shut)
		lose(s);
	else
		shutdown(s->peer->fd, SHUT_WR);
}

static void watch(int fd, void *who)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = who};
	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0)
		die("epoll_ctl");
}

static void take(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(to_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	for (int fd; (fd = accept4(lst, 0, 0, SOCK_NONBLOCK)) >= 0;) {
		struct side *s = calloc(2, sizeof *s);
		int one = 1;
		s[0].peer = &s[1];
		s[1].peer = &s[0];
		s[0].fd = fd;
		s[1].fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		setsockopt(s[0].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		setsockopt(s[1].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		if (connect(s[1].fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS)
			die("connect");
		watch(s[0].fd, &s[0]);
		watch(s[1].fd, &s[1]);
	}
	if (errno != EAGAIN && errno != ECONNABORTED)
		die("accept4");
}

static void bury(void)
{
	while (ndead) {
		struct side *pair = dead[--ndead];
		for (struct side *s = pair; s < pair + 2; s++) {
			if (s->buf)
				give_buffer(s);
			if (s->pipe[0]) {
				close(s->pipe[0]);
				close(s->pipe[1]);
			}
		}
		free(pair);
	}
}

int main(int argc, char **argv)
{
	static struct epoll_event evs[EVENTS];
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1;
	if (argc != 4)
		return fprintf(stderr, "usage: floor PORT TO-PORT copy|splice\n"), 2;
	at.sin_port = htons(atoi(argv[1]));
	to_port = atoi(argv[2]);
	splicing = !strcmp(argv[3], "splice");
	signal(SIGPIPE, SIG_IGN);
	lst = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(lst, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(lst, (struct sockaddr *)&at, sizeof at) < 0 || listen(lst, 4096) < 0)
		die("listen");
	ep = epoll_create1(0);
	watch(lst, 0);
	for (;;) {
		int n = epoll_wait(ep, evs, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			struct side *s = evs[i].data.ptr;
			if (!s) {
				take();
				continue;
			}
			if (s->fd < 0)
				continue;
			if (evs[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
				s->readable = 1;
				if (evs[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
					s->ending = 1;
				pump(s);
			}
			if (s->fd >= 0 && evs[i].events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
				pump(s->peer);
		}
		bury();
	}
}
