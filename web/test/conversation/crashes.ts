/**
 * Where a story is crashed. A story has parts, and each has its own crash: the engine of either side («visitor»), or
 * lives of one engine between which its device is replaced anyway («visitor/1»). So no engine is brought back to health
 * by a crash that is about another point, and one telling is about as many points as there are parts.
 */
export interface Point {
  readonly part: string;
  /** What was passed last (`Hooks.at`), and for the how manieth time in its part. */
  readonly step: string;
  readonly nth: number;
}

/** One telling of the story. */
export interface Telling {
  /** How often each step was passed, by `part step`. */
  readonly passed: Map<string, number>;
  /** The points at which something has crashed. */
  readonly crashed: Point[];
  /** Whether who has just passed this step dies there. */
  dies(part: string, step: string): boolean;
}

export function newTelling(points: readonly Point[]): Telling {
  const passed = new Map<string, number>();
  const crashed: Point[] = [];
  return {
    passed,
    crashed,
    dies(part, step) {
      const nth = (passed.get(`${part} ${step}`) ?? 0) + 1;
      passed.set(`${part} ${step}`, nth);
      const point = points.find((one) => one.part === part && one.step === step && one.nth === nth);
      if (point) crashed.push(point);
      return point !== undefined;
    },
  };
}

/** The first passing of each step by each engine, and the second where `twice` says so, by part. */
function pointsOf(passed: ReadonlyMap<string, number>, twice: RegExp): Map<string, Point[]> {
  const seen = new Map<string, number>();
  const points = new Map<string, Point[]>();
  for (const [name, times] of passed) {
    const [part, step] = name.split(" ") as [string, string];
    const key = `${part.split("/")[0]} ${step}`;
    for (let nth = 1; nth <= times; nth++) {
      const before = seen.get(key) ?? 0;
      if (before >= (twice.test(step) ? 2 : 1)) break;
      seen.set(key, before + 1);
      points.set(part, [...(points.get(part) ?? []), { part, step, nth }]);
    }
  }
  return points;
}

/**
 * Tells the story once as it goes by itself, and then as often as it takes to crash once at each of its points. Returns
 * at how many each engine has crashed.
 */
export async function everywhere(
  story: (points: readonly Point[]) => Promise<Telling>,
  twice: RegExp,
): Promise<Record<string, number>> {
  const left = pointsOf((await story([])).passed, twice);
  const missed = new Map<Point, number>();
  const count: Record<string, number> = {};
  for (;;) {
    const points = [...left.values()].flatMap((queue) => queue.splice(0, 1));
    if (points.length === 0) return count;
    const { crashed } = await story(points).catch((error: unknown) => {
      const where = points.map(({ part, step, nth }) => `${part} ${step} ${nth}`).join(", ");
      throw new Error(`crashed at ${where}`, { cause: error });
    });
    for (const point of points) {
      const engine = point.part.split("/")[0]!;
      const misses = (missed.get(point) ?? 0) + 1;
      // Whether an answer or its entry comes first is the relay's to choose, and what another part's crash leaves out
      // is not passed: a point may be missed, and has its turn later.
      if (crashed.includes(point)) count[engine] = (count[engine] ?? 0) + 1;
      else if (misses < 3) left.get(point.part)!.push(point);
      missed.set(point, misses);
    }
  }
}
