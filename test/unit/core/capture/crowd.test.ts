import assert from "node:assert/strict";
import fc from "fast-check";
import { Crowd, type Trains } from "../../../../extension/core/capture/crowd.ts";

const KINDS = ["sending", "receipt", "left", "unmatched"] as const;

/** A record, and whether it begins a train. */
interface Member {
  readonly kind: (typeof KINDS)[number];
  readonly isStart: boolean;
}

/** Long enough for several blocks of which only few have something to tell. */
const rareMembers = fc
  .array(fc.tuple(fc.nat(1500), fc.constantFrom(...KINDS), fc.boolean()), { maxLength: 12 })
  .map((rare) =>
    rare.flatMap(([plain, kind, isStart]): Member[] => [
      ...Array.from({ length: plain }, (_, at) => ({
        kind: at % 2 === 0 ? ("sending" as const) : ("receipt" as const),
        isStart: false,
      })),
      { kind, isStart },
    ]),
  );

function crowdOf(members: readonly Member[]): {
  crowd: Crowd;
  trains: Trains;
  asked: () => number;
} {
  const crowd = new Crowd(1, 2, 3, Array.from(members.keys()));
  for (const [at, { kind }] of members.entries()) {
    crowd.takes[at] = kind === "left" || kind === "unmatched" ? 0 : 1;
  }
  let asked = 0;
  const trains = {
    isSending: (id: number) => ["sending", "left"].includes(members[id]?.kind ?? ""),
    isApart: (_: number, id: number) => {
      asked++;
      return members[id]?.isStart === true;
    },
    joined: () => {},
  };
  return { crowd, trains, asked: () => asked };
}

/** The train that a record is of: the places of its first one, and behind its last one. */
function trainOf(members: readonly Member[], at: number): [start: number, end: number] {
  let start = at;
  while (start > 0 && !members[start]?.isStart) start--;
  let end = at + 1;
  while (end < members.length && !members[end]?.isStart) end++;
  return [start, end];
}

describe("Crowd", () => {
  it("tells of each record what stands before and behind it in its train", () => {
    fc.assert(
      fc.property(
        rareMembers,
        fc.array(fc.nat(), { minLength: 1, maxLength: 20 }),
        (members, places) => {
          fc.pre(members.length > 0);
          const { crowd, trains } = crowdOf(members);
          for (const place of places) {
            const at = place % members.length;
            const [start, end] = trainOf(members, at);
            const kinds = members.map(({ kind }) => kind);
            const before = kinds.slice(start, at);
            assert.equal(
              crowd.isFollowedByUnmatched(at, trains),
              kinds.slice(at + 1, end).includes("unmatched"),
            );
            assert.equal(
              crowd.followsLeft(at, trains),
              before.includes("left") || kinds[at] === "left",
            );
            const behind = start + before.lastIndexOf("unmatched") + 1;
            const left = kinds.indexOf("left", behind);
            assert.equal(
              crowd.firstLeftBefore(at, trains),
              left >= 0 && left < at ? left : undefined,
            );
          }
        },
      ),
    );
  });

  it("tells it anew of what is told to have changed", () => {
    fc.assert(
      fc.property(rareMembers, fc.nat(), fc.nat(), (members, one, other) => {
        fc.pre(members.length > 0);
        const { crowd, trains } = crowdOf(members);
        const at = one % members.length;
        crowd.isFollowedByUnmatched(at, trains);
        crowd.followsLeft(members.length - 1, trains);
        const changed = other % members.length;
        crowd.takes[changed] = 0;
        crowd.changed(changed);
        const known = {
          before: crowd.followsLeft(at, trains),
          behind: crowd.isFollowedByUnmatched(at, trains),
        };
        crowd.changed(0);
        assert.deepEqual(known, {
          before: crowd.followsLeft(at, trains),
          behind: crowd.isFollowedByUnmatched(at, trains),
        });
      }),
    );
  });

  it("looks through its records once, however many are asked about", () => {
    const askedOf = (length: number) => {
      const members = Array.from({ length }, (_, at) => ({
        kind: at % 64 === 0 ? ("left" as const) : ("sending" as const),
        isStart: false,
      }));
      const { crowd, trains, asked } = crowdOf(members);
      for (let at = 0; at < length; at += 64) crowd.isFollowedByUnmatched(at, trains);
      return asked();
    };
    assert.ok(askedOf(1 << 18) < 5 * askedOf(1 << 16));
  });

  it("tells when what comes late stands between two trains", () => {
    const times = [0, 1, 20, 21, 22];
    let joined = 0;
    const trains = {
      isSending: () => true,
      isApart: (before: number, id: number) => (times[id] ?? 0) - (times[before] ?? 0) > 10,
      joined: () => joined++,
    };
    const isBefore = (one: number, other: number) => (times[one] ?? 0) < (times[other] ?? 0);
    const crowd = new Crowd(1, 2, 3, [0, 1, 2, 3]);
    crowd.insert([4], isBefore, trains);
    assert.equal(joined, 0);
    times.push(20.5, 10, 11);
    crowd.insert([5], isBefore, trains);
    assert.equal(joined, 0);
    crowd.insert([6, 7], isBefore, trains);
    assert.equal(joined, 1);
    assert.deepEqual([...crowd.ids.subarray(0, crowd.length)], [0, 1, 6, 7, 2, 5, 3, 4]);
  });
});
