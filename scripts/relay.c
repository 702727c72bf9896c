/* A bare relay: what a chat server cannot be cheaper than. Linux.
 *
 * A client's first line names its room, and is answered by itself; every later line is copied to all others in
 * that room. What a socket does not take at once waits in the connection's pending buffer, within a bound.
 * Prints the port that it listens on (127.0.0.1, chosen by the kernel) and runs until it is killed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096, EVENTS = 1024, INPUT_BYTES = 65536, LINE_BYTES = 4096, PENDING_BYTES = 64 << 20 };

struct room {
    struct room *next;
    struct connection **members;
    size_t count, space, name_bytes;
    char name[];
};

struct connection {
    int fd;
    struct room *room;
    size_t place;                               /* in room->members */
    char *partial, *pending;                    /* a line not yet whole; what the socket did not take */
    size_t partial_bytes, pending_bytes;
};

static struct room *rooms;
static int poller;
static char input[LINE_BYTES + INPUT_BYTES];

static void *must(void *memory)
{
    if (!memory) {
        perror("relay");
        exit(1);
    }
    return memory;
}

static void watch(struct connection *c, int operation, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = c };
    epoll_ctl(poller, operation, c->fd, &event);
}

static void enter(struct connection *c, const char *name, size_t bytes)
{
    struct room *r = rooms;
    while (r && (r->name_bytes != bytes || memcmp(r->name, name, bytes)))
        r = r->next;
    if (!r) {
        r = must(calloc(1, sizeof *r + bytes));
        memcpy(r->name, name, r->name_bytes = bytes);
        r->next = rooms;
        rooms = r;
    }
    if (r->count == r->space)
        r->members = must(realloc(r->members, (r->space = r->space ? 2 * r->space : 8) * sizeof *r->members));
    c->room = r;
    c->place = r->count;
    r->members[r->count++] = c;
}

/* Nobody is freed while a room is gone through: the broken are only shut down, and their own event ends them. */
static void give(struct connection *c, const char *data, size_t bytes)
{
    ssize_t sent = 0;
    if (!c->pending_bytes && (sent = send(c->fd, data, bytes, MSG_NOSIGNAL)) < 0) {
        if (errno != EAGAIN) {
            shutdown(c->fd, SHUT_RDWR);
            return;
        }
        sent = 0;
    }
    if ((size_t)sent == bytes)
        return;
    if (c->pending_bytes + bytes > PENDING_BYTES) {
        shutdown(c->fd, SHUT_RDWR);
        return;
    }
    if (!c->pending_bytes)
        watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    c->pending = must(realloc(c->pending, c->pending_bytes + bytes - sent));
    memcpy(c->pending + c->pending_bytes, data + sent, bytes - sent);
    c->pending_bytes += bytes - sent;
}

static void flush(struct connection *c)
{
    ssize_t sent = send(c->fd, c->pending, c->pending_bytes, MSG_NOSIGNAL);
    if (sent <= 0)
        return;
    memmove(c->pending, c->pending + sent, c->pending_bytes -= sent);
    if (!c->pending_bytes) {
        free(c->pending);
        c->pending = NULL;
        watch(c, EPOLL_CTL_MOD, EPOLLIN);
    }
}

static void end(struct connection *c)
{
    if (c->room) {
        struct connection *last = c->room->members[--c->room->count];
        c->room->members[last->place = c->place] = last;
    }
    close(c->fd);
    free(c->partial);
    free(c->pending);
    free(c);
}

/* Returns 0 when the connection is over. */
static int receive(struct connection *c)
{
    if (c->partial_bytes)
        memcpy(input, c->partial, c->partial_bytes);
    ssize_t got = recv(c->fd, input + c->partial_bytes, INPUT_BYTES, 0);
    if (got <= 0)
        return got < 0 && errno == EAGAIN;
    size_t bytes = c->partial_bytes + got, whole;
    char *from = input, *newline = memrchr(input, '\n', bytes);
    whole = newline ? (size_t)(newline + 1 - input) : 0;
    if (bytes - whole > LINE_BYTES)
        return 0;
    free(c->partial);
    c->partial = NULL;
    if ((c->partial_bytes = bytes - whole))
        memcpy(c->partial = must(malloc(c->partial_bytes)), input + whole, c->partial_bytes);
    if (whole && !c->room) {
        size_t first = (char *)memchr(input, '\n', whole) + 1 - input;
        enter(c, input, first);
        give(c, input, first);
        from += first;
        whole -= first;
    }
    for (size_t i = 0; whole && i < c->room->count; i++)
        if (c->room->members[i] != c)
            give(c->room->members[i], from, whole);
    return 1;
}

static void admit(int listener)
{
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct connection *c = must(calloc(1, sizeof *c));
        c->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(c, EPOLL_CTL_ADD, EPOLLIN);
    }
}

int main(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t bytes = sizeof address;
    struct connection door = { .fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0) };
    if (door.fd < 0 || bind(door.fd, (struct sockaddr *)&address, bytes) || listen(door.fd, BACKLOG)
        || getsockname(door.fd, (struct sockaddr *)&address, &bytes) || (poller = epoll_create1(0)) < 0) {
        perror("relay");
        return 1;
    }
    watch(&door, EPOLL_CTL_ADD, EPOLLIN);
    printf("127.0.0.1:%d...\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (c == &door) {
                admit(door.fd);
                continue;
            }
            if (events[i].events & EPOLLOUT && c->pending_bytes)
                flush(c);
            if (events[i].events & ~(uint32_t)EPOLLOUT && !receive(c))
                end(c);
        }
    }
}
