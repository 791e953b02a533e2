/**
 * After the tests: one plain line with the sum over all runners; a skipped test is a failure in CI.
 */
import { readFileSync } from 'node:fs';

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly success: boolean;
}

const file = new URL('../../.results/vitest.json', import.meta.url);
const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
const skipped = results.numPendingTests + results.numTodoTests;
if (skipped > 0) console.log(`${skipped} skipped, which counts as failed here`);
// A file that cannot be loaded has no failed test of its own, and is a failure all the same.
const broken = results.success || results.numFailedTests > 0 ? 0 : 1;
const failed = results.numFailedTests + skipped + broken;
console.log(`${results.numPassedTests} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
