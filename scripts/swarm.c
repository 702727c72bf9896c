/* The hot loop of the benchmark's load generator, for _bench_swarm.py, which loads this. Linux, one thread.
 *
 * Rule 1: nothing is judged here. All who only listen in a room are sent the same bytes: the first to read a
 * line adds it to the room's stream, everybody else is compared with that, byte for byte. A talker is sent the
 * stream without its own lines, and answers between them. Whatever fits that is only counted; what does not is
 * kept as it came. Both go back to Python, which parses and checks every line of the stream, and what was kept.
 * Rule 2: a line that tells of no message, and what happens to a socket that is not ours, is told at once.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

enum { EVENTS = 1024, INPUT_BYTES = 1 << 18, FIRST_BYTES = 1 << 12, TICK_NS = 10000, LATENCIES = 1 << 20 };

struct bytes {
    char *data;
    size_t count, space;
};

struct line {                                   /* a message, as all listeners read it */
    size_t start, bytes;
    int talker;
    int64_t sent;
};

struct room {
    int number, talkers;
    struct member **talking;
    struct bytes text, before, middle, end;     /* the stream; what is around a text, and the number, when said */
    int is_numbered;
    struct line *lines;
    size_t count, space;
};

struct member {
    struct room *room;
    int fd, talker, others;                     /* talker: its number, or -1 */
    int is_sampled, is_witness, is_over, is_waiting;
    size_t at;                                  /* the line of the stream that comes next */
    struct bytes rest, own, out;                /* an unfinished line; what did not fit; what is to be sent */
    int64_t *sent, answers;                     /* when each message was sent, in ticks */
    size_t said, space, freed;
};

/* What Python reads. Deliveries and answers that came, and how many are to come for what was said so far. */
int64_t swarm_deliveries, swarm_answers, swarm_owed, swarm_latencies[LATENCIES], swarm_longest;
int swarm_drains;                               /* nothing more is said, and what was said is waited for */

static void (*tell)(int fd, uint32_t events, const char *line, size_t bytes);
static int poller, files, text_bytes, has_told;
static struct member **members;                 /* by descriptor */
static struct bytes told_by, answer, mark;      /* in each message; begins an answer; before the text */
static char input[INPUT_BYTES];

static void *must(void *memory)
{
    if (!memory) {
        perror("swarm");
        exit(1);
    }
    return memory;
}

static void append(struct bytes *to, const char *data, size_t bytes)
{
    if (!bytes)
        return;
    if (to->count + bytes > to->space) {
        while (to->count + bytes > to->space)
            to->space = to->space ? 2 * to->space : FIRST_BYTES;
        to->data = must(realloc(to->data, to->space));
    }
    memcpy(to->data + to->count, data, bytes);
    to->count += bytes;
}

static void drop(struct bytes *from, size_t bytes)
{
    memmove(from->data, from->data + bytes, from->count -= bytes);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* ---- sending ---- */

static void flush(struct member *m)
{
    ssize_t sent = send(m->fd, m->out.data, m->out.count, MSG_NOSIGNAL);
    if (sent > 0)
        drop(&m->out, sent);
    else if (errno != EAGAIN)
        m->out.count = 0;                       /* reading will tell why */
    if (m->is_waiting != (m->out.count > 0)) {
        m->is_waiting = !m->is_waiting;
        struct epoll_event event = { .events = EPOLLIN | (m->is_waiting ? EPOLLOUT : 0), .data.fd = m->fd };
        epoll_ctl(poller, EPOLL_CTL_MOD, m->fd, &event);
    }
}

/* The text is that of text_of() in _bench_dialects.py, which also reads it: a difference does not go unnoticed. */
static void compose(struct member *m, int number)
{
    struct room *r = m->room;
    char text[text_bytes + 1], digits[16];
    int bytes = snprintf(text, sizeof text, "%d %d %d ", r->number, m->talker, number);
    memset(text + bytes, 'x', text_bytes - bytes);
    append(&m->out, r->before.data, r->before.count);
    append(&m->out, text, text_bytes);
    append(&m->out, r->middle.data, r->middle.count);
    if (r->is_numbered)
        append(&m->out, digits, snprintf(digits, sizeof digits, "%d", number));
    append(&m->out, r->end.data, r->end.count);
}

void swarm_say(struct member *m, int count)
{
    int64_t now = now_ns() / TICK_NS;
    if (m->is_over)
        return;
    swarm_owed += (int64_t)count * (m->others + (answer.count > 0));
    while (count--) {
        if (m->said == m->space)
            m->sent = must(realloc(m->sent, (m->space = m->space ? 2 * m->space : 512) * sizeof *m->sent));
        m->sent[m->said] = now;
        compose(m, m->said++);
    }
    flush(m);
}

void swarm_send(struct member *m, const char *data, size_t bytes)
{
    append(&m->out, data, bytes);
    if (m->out.count)
        flush(m);
}

/* ---- reading ---- */

static void heard(struct member *m, const struct line *line, int64_t now)
{
    m->at++;
    swarm_deliveries++;
    if (m->is_sampled) {
        int64_t latency = now - line->sent < LATENCIES ? now - line->sent : LATENCIES - 1;
        swarm_latencies[latency]++;
        if (latency > swarm_longest)
            swarm_longest = latency;
    }
    if (m->is_witness)
        m->room->talking[line->talker]->freed++;
}

/* Adds a line to the stream if one of the room's talkers can have said it: roughly, Python looks closely. */
static struct line *added(struct room *r, const char *data, size_t bytes)
{
    char *text = memmem(data, bytes, mark.data, mark.count);
    if (!text)
        return NULL;
    long room = strtol(text + mark.count, &text, 10), talker = strtol(text, &text, 10);
    size_t number = strtoul(text, NULL, 10);
    if (room != r->number || talker < 0 || talker >= r->talkers || number >= r->talking[talker]->said)
        return NULL;
    if (r->count == r->space)
        r->lines = must(realloc(r->lines, (r->space = r->space ? 2 * r->space : 512) * sizeof *r->lines));
    struct line *line = &r->lines[r->count++];
    *line = (struct line){ r->text.count, bytes, talker, r->talking[talker]->sent[number] };
    append(&r->text, data, bytes);
    return line;
}

/* The line that must come next, NULL if nobody who listens has read so far. */
static struct line *next(struct member *m)
{
    struct room *r = m->room;
    while (m->at < r->count && r->lines[m->at].talker == m->talker)
        m->at++;
    return m->at < r->count ? &r->lines[m->at] : NULL;
}

static int fits(struct member *m, const struct line *line, const char *data, size_t bytes)
{
    return line && bytes >= line->bytes && !memcmp(data, m->room->text.data + line->start, line->bytes);
}

static void read_other(struct member *m, const char *data, size_t bytes, int64_t now)
{
    struct line *line;
    if (m->talker >= 0 && answer.count && bytes > answer.count && !memcmp(data, answer.data, answer.count)) {
        m->answers++;
        swarm_answers++;
    } else if (!memmem(data, bytes, told_by.data, told_by.count)) {
        has_told = 1;
        tell(m->fd, 0, data, bytes);
    } else if (m->talker < 0 && !m->own.count && m->at == m->room->count && (line = added(m->room, data, bytes))) {
        heard(m, line, now);
    } else {                                    /* a talker may be ahead of all listeners, or it is wrong */
        append(&m->own, data, bytes);
        swarm_deliveries++;
    }
}

/* Compare what a talker read before any listener did. */
static void catch_up(struct member *m)
{
    size_t done = 0;
    for (struct line *line; fits(m, line = next(m), m->own.data + done, m->own.count - done); m->at++)
        done += line->bytes;
    if (done)
        drop(&m->own, done);
}

static size_t take(struct member *m, const char *data, size_t bytes, int64_t now)
{
    size_t done = 0;
    while (done < bytes) {
        struct line *line = m->own.count ? NULL : next(m);
        if (fits(m, line, data + done, bytes - done)) {
            heard(m, line, now);
            done += line->bytes;
            continue;
        }
        char *newline = memchr(data + done, '\n', bytes - done);
        if (!newline)
            break;
        size_t whole = newline + 1 - data - done;
        read_other(m, data + done, whole, now);
        done += whole;
    }
    return done;
}

static void answer_freed(struct room *r)
{
    for (int i = 0; i < r->talkers; i++) {
        size_t freed = r->talking[i]->freed;
        r->talking[i]->freed = 0;
        if (freed && !swarm_drains)
            swarm_say(r->talking[i], freed);
    }
}

void swarm_read(struct member *m, const char *data, size_t bytes)
{
    int64_t now = now_ns() / TICK_NS;
    if (m->own.count && m->talker >= 0)
        catch_up(m);
    if (m->rest.count) {
        append(&m->rest, data, bytes);
        drop(&m->rest, take(m, m->rest.data, m->rest.count, now));
    } else {
        size_t done = take(m, data, bytes, now);
        append(&m->rest, data + done, bytes - done);
    }
    if (m->is_witness)
        answer_freed(m->room);
}

static void ready(int fd, uint32_t events)
{
    struct member *m = members[fd];
    if (m && events & EPOLLOUT)
        flush(m);
    if (m && !(events & ~(uint32_t)EPOLLOUT))
        return;
    ssize_t got = m ? recv(fd, input, INPUT_BYTES, 0) : -1;
    if (got > 0) {
        swarm_read(m, input, got);
    } else if (!m || got == 0 || errno != EAGAIN) {
        if (m)
            m->is_over = 1;
        members[fd] = NULL;
        has_told = 1;
        tell(fd, events, NULL, 0);
    }
}

/* epoll waits for whole milliseconds, which is too coarse for a pace; ppoll for less. */
static int wait_for(struct epoll_event *events, int64_t until)
{
    int64_t left = until - now_ns();
    int count = epoll_wait(poller, events, EVENTS, left > 0 ? left / 1000000 : 0);
    if (count == 0 && (left = until - now_ns()) > 0 && left < 1000000) {
        struct pollfd waiting = { .fd = poller, .events = POLLIN };
        ppoll(&waiting, 1, &(struct timespec){ .tv_nsec = left }, NULL);
    }
    return count;
}

/* Handle what happens until then; return sooner when something was told, or all is read when it drains. */
void swarm_turn(int64_t until_ns)
{
    struct epoll_event events[EVENTS];
    has_told = 0;
    do {
        int count = wait_for(events, until_ns);
        for (int i = 0; i < count; i++)
            ready(events[i].data.fd, events[i].events);
    } while (!has_told && !(swarm_drains && swarm_deliveries + swarm_answers >= swarm_owed)
             && now_ns() < until_ns);
}

/* ---- setting up, and giving back ---- */

static struct bytes copied(const char *string)
{
    struct bytes made = { 0 };
    append(&made, string, strlen(string) + 1);  /* so that there is always something to point to */
    made.count--;
    return made;
}

void swarm_open(int epoll, int most_files, int bytes, void (*told)(int, uint32_t, const char *, size_t),
                const char *said, const char *answering, const char *before_text)
{
    poller = epoll;
    files = most_files;
    text_bytes = bytes;
    tell = told;
    members = must(calloc(files, sizeof *members));
    told_by = copied(said);
    answer = copied(answering);
    mark = copied(before_text);
    swarm_deliveries = swarm_answers = swarm_owed = swarm_longest = swarm_drains = 0;
    memset(swarm_latencies, 0, sizeof swarm_latencies);
}

struct room *swarm_room(int number, int talkers, const char *before, const char *middle, const char *end,
                        int is_numbered)
{
    struct room *r = must(calloc(1, sizeof *r));
    r->number = number;
    r->talkers = talkers;
    r->talking = must(calloc(talkers ? talkers : 1, sizeof *r->talking));
    r->before = copied(before);
    r->middle = copied(middle);
    r->end = copied(end);
    r->is_numbered = is_numbered;
    for (int i = 0; i < talkers; i++)           /* until it is added, and for ever if it never arrived */
        r->talking[i] = must(calloc(1, sizeof **r->talking));
    return r;
}

/* A listener has the number -1. A talker's messages are each to be read by `others`. */
struct member *swarm_add(struct room *r, int fd, int talker, int others, int is_sampled, int is_witness)
{
    struct member *m = talker < 0 ? must(calloc(1, sizeof *m)) : r->talking[talker];
    m->room = r;
    m->fd = fd;
    m->talker = talker;
    m->others = others;
    m->is_sampled = is_sampled;
    m->is_witness = is_witness;
    return members[fd] = m;
}

size_t swarm_stream(struct room *r, const char **data)
{
    *data = r->text.data;
    return r->text.count;
}

/* How far into the stream somebody has read; what did not fit follows that. */
size_t swarm_followed(struct member *m)
{
    if (m->talker >= 0)
        catch_up(m);
    struct line *line = next(m);
    return line ? line->start : m->room->text.count;
}

size_t swarm_own(struct member *m, const char **data)
{
    *data = m->own.data;
    return m->own.count;
}

size_t swarm_sent(struct member *m, const int64_t **sent)
{
    *sent = m->sent;
    return m->said;
}

int64_t swarm_answered(struct member *m)
{
    return m->answers;
}
