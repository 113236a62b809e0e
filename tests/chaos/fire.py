"""Shots at everything that planning depends on, each fired while regions are planned."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import psycopg
import redis

from tests.chaos.crew import Crew, kill_and_revive
from tests.chaos.scenario import Scenario

WAVES_A_SHOT = 3
KILLS_A_SHOT = 3
PATIENCE_SECONDS = 120
DELIVERY_PATIENCE_SECONDS = 600
# What workers get to send before the time passes for what still waits.
SENDING_SECONDS = 5
LONGEST_AIM_SECONDS = 0.3

# Somebody in the middle of something, if there is anybody.
A_BACKEND = """
SELECT pid FROM pg_stat_activity WHERE usename = 'app'
ORDER BY (xact_start IS NULL), random() LIMIT 1
"""


class TooSlow(Exception):
    """Planning did not get on in time."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How often each thing is shot at; of workers, how many processes are killed."""

    workers: int
    sessions: int
    crashes: int
    servers: int
    redis: int
    flushes: int
    beats: int
    receivers: int
    seconds: int

    @property
    def shots(self) -> int:
        """How many shots there are in all."""
        others = (self.sessions, self.crashes, self.servers, self.redis, self.flushes, self.beats)
        return self.shots_at_workers + sum(others) + self.receivers

    @property
    def shots_at_workers(self) -> int:
        """How many shots at workers it takes."""
        return -(-self.workers // KILLS_A_SHOT)


class Fire:
    """Fires the shots of a plan in random order; the last one is a flush of Redis."""

    def __init__(self, scenario: Scenario, crew: Crew, plan: Plan, dice: random.Random) -> None:
        self._scenario = scenario
        self._crew = crew
        self._plan = plan
        self._dice = dice

    def rage(self) -> None:
        """Release wave after wave and shoot, then let planning and sending finish in peace.

        Shots at workers go on until as many processes were killed and the time is over.

        :raises TooSlow: if planning or sending does not get on.
        """
        start = time.monotonic()
        for shot in self._shots():
            self._aim()
            shot()
        while self._crew.killed < self._plan.workers or (
            time.monotonic() - start < self._plan.seconds
        ):
            self._aim()
            self._crew.kill_worker_children()
        while any(self._scenario.waves_left.values()):
            self._release(1)
        self._wait(self._scenario.is_at_rest)
        while not self._scenario.is_all_sent():
            time.sleep(SENDING_SECONDS)
            if time.monotonic() > start + self._plan.seconds + DELIVERY_PATIENCE_SECONDS:
                raise TooSlow("messages wait to be sent")

    def _aim(self) -> None:
        """Shoot while regions are planned; once all is released, at what still is to be sent."""
        if any(self._scenario.waves_left.values()):
            self._release(WAVES_A_SHOT)
            self._wait(self._scenario.is_being_planned)
        else:
            self._wait(self._crew.are_ready)
        time.sleep(self._dice.uniform(0, LONGEST_AIM_SECONDS))

    def _shots(self) -> list[Callable[[], None]]:
        plan, servers = self._plan, self._scenario.servers
        at_workers = [self._crew.kill_worker_parent, *[self._crew.kill_worker_children] * 3]
        at_beats = [self._crew.replace_beat, self._crew.start_beat]
        shots = [at_workers[number % 4] for number in range(plan.shots_at_workers)]
        shots += [self._end_session] * plan.sessions
        shots += [self._crash_server] * plan.crashes
        shots += [partial(kill_and_revive, servers.postgres)] * plan.servers
        shots += [partial(kill_and_revive, servers.redis)] * plan.redis
        shots += [self._crew.replace_receiver] * plan.receivers
        shots += [self._flush_redis] * max(plan.flushes - 1, 0)
        self._dice.shuffle(shots)
        # In this order: the first dies and another comes; then two are there at once.
        places = sorted(self._dice.sample(range(len(shots)), plan.beats))
        for number, place in enumerate(places):
            shots.insert(place + number, at_beats[number % 2])
        return shots + [self._flush_redis] * min(plan.flushes, 1)

    def _release(self, waves: int) -> None:
        """Release waves, first of the regions that have most of them left."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        left = self._scenario.waves_left
        while waves and any(left.values()):
            candidates = sorted((each for each in left if left[each]), key=lambda each: -left[each])
            released = next(filter(self._scenario.release_wave, candidates), None)
            if released:
                waves -= 1
            elif time.monotonic() > deadline:
                raise TooSlow("no region came to rest")
            else:
                time.sleep(0.05)

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise TooSlow(condition.__name__)
            time.sleep(0.02)

    def _end_session(self) -> None:
        with self._scenario.superuser() as connection:
            connection.execute(f"SELECT pg_terminate_backend(pid) FROM ({A_BACKEND}) AS victim")

    def _crash_server(self) -> None:
        """Kill one process of PostgreSQL, which ends all sessions and recovers from its log."""
        with suppress(psycopg.OperationalError), self._scenario.superuser() as connection:
            victim = connection.execute(A_BACKEND).fetchone()
            if victim:
                os.kill(victim[0], signal.SIGKILL)

    def _flush_redis(self) -> None:
        redis.Redis.from_url(self._scenario.servers.environment["REDIS_URL"]).flushall()
