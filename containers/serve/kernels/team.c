#include "team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Who waited so often gives its core away from then on: its fellow may have lost its own, and wait for this one. */
#define PATIENCE 2000

struct Helper {
    Team *team;
    int member;
    pthread_t thread;
};

struct Team {
    int threads;
    struct Helper *helpers;
    pthread_mutex_t lock;
    pthread_cond_t called;
    atomic_int awake, leaving;
    /* One round of shared work. */
    Work *work;
    void *given;
    int items;
    atomic_int next, finished;
    atomic_uint round;
};

static inline void breathe(int *waited) {
    if (++*waited > PATIENCE)
        sched_yield();
    else
        __builtin_ia32_pause();
}

static void take_items(Team *team, int member) {
    for (int item; (item = atomic_fetch_add_explicit(&team->next, 1, memory_order_relaxed)) < team->items;)
        team->work(team->given, item, member);
}

static void *help(void *given) {
    const struct Helper *helper = given;
    Team *team = helper->team;
    for (unsigned seen = 0;;) {
        int waited = 0;
        while (atomic_load_explicit(&team->round, memory_order_acquire) == seen) {
            if (atomic_load_explicit(&team->awake, memory_order_relaxed)) {
                breathe(&waited);
                continue;
            }
            pthread_mutex_lock(&team->lock);
            while (!atomic_load(&team->awake) && !atomic_load(&team->leaving))
                pthread_cond_wait(&team->called, &team->lock);
            pthread_mutex_unlock(&team->lock);
            if (atomic_load(&team->leaving))
                return NULL;
        }
        seen++;
        take_items(team, helper->member);
        atomic_fetch_add_explicit(&team->finished, 1, memory_order_release);
    }
}

Team *team_new(int threads) {
    Team *team = calloc(1, sizeof *team);
    if (!team)
        return NULL;
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->called, NULL);
    team->threads = 1;
    team->helpers = calloc(threads, sizeof *team->helpers);
    while (team->helpers && team->threads < threads) {
        struct Helper *helper = &team->helpers[team->threads - 1];
        *helper = (struct Helper){.team = team, .member = team->threads};
        if (pthread_create(&helper->thread, NULL, help, helper))
            break;
        team->threads++;
    }
    if (team->helpers && team->threads == threads)
        return team;
    team_free(team);
    return NULL;
}

void team_free(Team *team) {
    if (!team)
        return;
    pthread_mutex_lock(&team->lock);
    atomic_store(&team->leaving, 1);
    pthread_cond_broadcast(&team->called);
    pthread_mutex_unlock(&team->lock);
    for (int helper = 0; helper < team->threads - 1; helper++)
        pthread_join(team->helpers[helper].thread, NULL);
    pthread_cond_destroy(&team->called);
    pthread_mutex_destroy(&team->lock);
    free(team->helpers);
    free(team);
}

int team_threads(const Team *team) { return team ? team->threads : 1; }

void team_wake(Team *team) {
    if (!team || team->threads == 1)
        return;
    pthread_mutex_lock(&team->lock);
    atomic_store(&team->awake, 1);
    pthread_cond_broadcast(&team->called);
    pthread_mutex_unlock(&team->lock);
}

void team_rest(Team *team) {
    if (team)
        atomic_store(&team->awake, 0);
}

void team_share(Team *team, Work *work, void *given, int items) {
    if (!team || team->threads == 1 || items == 1) {
        for (int item = 0; item < items; item++)
            work(given, item, 0);
        return;
    }
    team->work = work;
    team->given = given;
    team->items = items;
    atomic_store_explicit(&team->next, 0, memory_order_relaxed);
    atomic_store_explicit(&team->finished, 0, memory_order_relaxed);
    atomic_fetch_add_explicit(&team->round, 1, memory_order_release);
    take_items(team, 0);
    for (int waited = 0; atomic_load_explicit(&team->finished, memory_order_acquire) < team->threads - 1;)
        breathe(&waited);
}
