/* The threads that share a prediction: the one that asks for it, and helpers that sleep between predictions. */
#ifndef TEAM_H
#define TEAM_H

typedef struct Team Team;
/* member: which thread of the team works, from 0. */
typedef void Work(void *given, int item, int member);

/* NULL where the threads cannot be had. threads: at least 1, the caller's own included.
   Everywhere below, no team (NULL) means the caller alone. */
Team *team_new(int threads);
void team_free(Team *team);
int team_threads(const Team *team);

/* Between these two the helpers wait for work awake, which costs a core each and starts work in under a microsecond. */
void team_wake(Team *team);
void team_rest(Team *team);

/* work(given, item, member) for every item from 0, on all threads; returns when all are done. */
void team_share(Team *team, Work *work, void *given, int items);

#endif
