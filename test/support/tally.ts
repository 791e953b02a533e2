/**
 * After the tests: what failed, and one plain line with the sum over all runners; a skipped test is
 * a failure in CI, and so is whatever else made them fail: too little of the code was covered.
 * `node test/support/tally.ts STATUS`
 */
import { readdirSync, readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const ROOT = resolve(import.meta.dirname, '../..');
const folder = new URL('../../.results/', import.meta.url);
const runs = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Results);
for (const { name, assertionResults } of runs.flatMap((run) => run.testResults))
  for (const { fullName, status } of assertionResults)
    if (status === 'failed') console.log(`failed: ${relative(ROOT, name)}: ${fullName}`);

const sum = (count: (run: Results) => number) => runs.reduce((all, run) => all + count(run), 0);
const skipped = sum((run) => run.numPendingTests + run.numTodoTests);
if (skipped > 0) console.log(`${skipped} skipped, which counts as failed here`);
const failing = sum((run) => run.numFailedTests) + skipped;
// A file that cannot be loaded has no failed test of its own, and is a failure all the same.
const broken = runs.filter((run) => !run.success && run.numFailedTests === 0).length;
const failed = failing + broken || Number(process.argv[2] !== '0');
console.log(`${sum((run) => run.numPassedTests)} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
