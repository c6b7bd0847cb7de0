// Counts what the three test runners report.
//   node .ci/count.mjs show FILE   reads `go test -json` from standard input, keeps it in FILE, and prints it for people
//   node .ci/count.mjs sum FOLDER  prints one closing line, and fails unless every suite ran and nothing failed or was skipped
import { createWriteStream, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [command, path] = process.argv.slice(2);

async function show() {
  const keep = createWriteStream(path);
  const output = new Map();
  let failed = false;
  for await (const line of createInterface({ input: process.stdin })) {
    keep.write(line + "\n");
    let event;
    try {
      event = JSON.parse(line);
    } catch {
      console.log(line);
      continue;
    }
    const name = `${event.Package ?? event.ImportPath}${event.Test ? " " + event.Test : ""}`;
    if (event.Action === "output" || event.Action === "build-output") {
      output.set(name, (output.get(name) ?? "") + event.Output);
    } else if (event.Action === "fail" || event.Action === "build-fail") {
      failed = true;
      process.stdout.write(output.get(name) ?? "");
      console.log(`FAIL ${name}`);
    } else if (event.Action === "skip" && event.Test) {
      console.log(`SKIP ${name}`);
    } else if (event.Action === "pass" && !event.Test) {
      console.log(`ok   ${name} ${event.Elapsed}s`);
    }
    if (event.Action === "pass" || event.Action === "skip") output.delete(name);
  }
  await new Promise((done) => keep.end(done));
  process.exitCode = failed ? 1 : 0;
}

const suites = {
  "go.json": (text) => {
    const events = text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    const tests = (action) => events.filter((event) => event.Action === action && event.Test).length;
    // A package that does not compile, or that crashes, has no test to blame.
    const blamed = new Set(events.filter((event) => event.Action === "fail" && event.Test).map((event) => event.Package));
    const broken = events.filter((event) => event.Action === "fail" && !event.Test && !blamed.has(event.Package)).length;
    return { passed: tests("pass"), failed: tests("fail") + broken, skipped: tests("skip") };
  },
  "vitest.json": (text) => {
    const report = JSON.parse(text);
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + (report.success || report.numFailedTests ? 0 : 1),
      skipped: report.numPendingTests + report.numTodoTests,
    };
  },
  "playwright.json": (text) => {
    const { stats, errors } = JSON.parse(text);
    // Nothing is tried twice, so that nothing can be flaky; were it, it would not have passed.
    return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped: stats.skipped };
  },
};

function sum() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, read] of Object.entries(suites)) {
    const file = join(path, name);
    let counts = { passed: 0, failed: 1, skipped: 0 };
    if (existsSync(file)) {
      try {
        counts = read(readFileSync(file, "utf8"));
        if (counts.passed === 0 && counts.failed === 0) counts.failed = 1;
      } catch {
        console.log(`${name}: cannot be read`);
      }
    } else {
      console.log(`${name}: the suite did not run`);
    }
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed || total.skipped ? 1 : 0;
}

if (command === "show") await show();
else if (command === "sum") sum();
else process.exitCode = 2;
