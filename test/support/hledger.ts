/** What the real hledger makes of a journal. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The balances that it comes to; it fails where an assertion does not hold. */
export async function balancesOf(journal: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'farthing-journal-'));
  try {
    const file = join(folder, 'history.journal');
    writeFileSync(file, journal);
    const args = ['-f', file, 'balance', '--flat', '-E'];
    const { stdout } = await promisify(execFile)('hledger', args);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
