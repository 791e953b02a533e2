/** `farthing secret`: makes the secret of a seller. */
import { parseArgs } from 'node:util';
import { makeSecret, readSecrets } from '../seller/secret.ts';
import type { Command } from './main.ts';

const HELP = `Usage: farthing secret [--rotate]

Prints FEE_SECRET=…, the one secret of a seller: put the line into .env, and into no repository.
Whoever has it can sign receipts in your name and change your record at the wallet service.

  (umask 077; farthing secret >> .env)

  --rotate   makes a new one that takes the place of FEE_SECRET, and prints both: what the former
             one signed is still recognised. Register again with it, and leave the former one out
             when what it sold is nobody's any more (a year later, unless you say otherwise).

Exit 0: it is said. Exit 2: misuse, or there is no FEE_SECRET to rotate.`;

/**
 * A new secret in front of the former ones, with the same account.
 * @throws FarthingError `secret_missing`, `secret_malformed`
 */
export async function rotatedSecret(former: string | undefined): Promise<string> {
  readSecrets(former);
  const [inUse = ''] = (former ?? '').split(',');
  return [await makeSecret(inUse), former].join();
}

/** Prints a new secret as a line for `.env`. */
export const secret: Command = async (args) => {
  const options = { help: { type: 'boolean' }, rotate: { type: 'boolean' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const former = process.env.FEE_SECRET;
  console.log(`FEE_SECRET=${values.rotate ? await rotatedSecret(former) : await makeSecret()}`);
  return 0;
};
