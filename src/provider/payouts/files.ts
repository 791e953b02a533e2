/**
 * A bank that is told by files in a folder, for an operator who uploads them and says with
 * `farthing payouts` what became of each.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { electronicFormatIBAN, isValidIBAN } from 'ibantools';
import { FarthingError } from '../../protocol/errors.ts';
import type { Bank, TransferRun } from './bank.ts';
import { type Debtor, painOf } from './pain.ts';

/** The day in front, so that a folder lists them as they came. */
function nameOf({ id, atSec }: TransferRun): string {
  return `${new Date(atSec * 1000).toISOString().slice(0, 10)}-${id}.xml`;
}

/** What is written is on disk when this ends. */
async function writeThrough(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** @throws FarthingError `option_invalid` */
function checkOptions(folder: string, debtor: Debtor): Debtor {
  const iban = electronicFormatIBAN(debtor.iban) ?? '';
  if (!isValidIBAN(iban))
    throw new FarthingError(
      'option_invalid',
      'the IBAN to pay from is none: look at its digits again',
    );
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new FarthingError(
      'option_invalid',
      `make the folder for payouts first: ${folder} is none`,
    );
  return { ...debtor, iban };
}

/**
 * Writes one file for each run: under another name first, through to disk, and then under its own.
 * One that is there is left as it is, whoever wrote it: it has the same name and the same bytes.
 * @throws FarthingError `option_invalid`: no such folder, or an account that is none
 */
export function createFileBank(folder: string, from: Debtor): Bank {
  const debtor = checkOptions(folder, from);
  return {
    method: 'pain.001',
    handOver: async (run) => {
      const path = join(folder, nameOf(run));
      if (!existsSync(path)) {
        // Not by the process's number: in containers all have the same.
        const unfinished = join(folder, `.${nameOf(run)}.${randomUUID()}`);
        await writeThrough(unfinished, painOf(run, debtor));
        await rename(unfinished, path);
      }
      await syncFolder(folder);
    },
    outcomeOf: async () => undefined,
  };
}
