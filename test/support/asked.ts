/** What a test's databases are asked, in its order: each statement, as often as it runs. */
import { onTestFinished } from 'vitest';
import { listenToStatements } from './statements.ts';

/** Listens to databases that are opened from now on; each call answers what was asked since. */
export function listenToAsked(): () => string[] {
  const asked: string[] = [];
  onTestFinished(listenToStatements({ before: (text) => void asked.push(text) }));
  return () => asked.splice(0);
}
