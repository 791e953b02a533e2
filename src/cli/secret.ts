/** `farthing secret`: makes the secret of a seller. */
import { parseArgs } from 'node:util';
import { makeSecret } from '../seller/secret.ts';
import type { Command } from './main.ts';

const HELP = `Usage: farthing secret

Prints FEE_SECRET=…, the one secret of a seller: put the line into .env, and into no repository.
Whoever has it can sign receipts in your name and change your record at the wallet service.

  npx farthing secret >> .env`;

/** Prints a new secret as a line for `.env`. */
export const secret: Command = async (args) => {
  const { values } = parseArgs({ args: [...args], options: { help: { type: 'boolean' } } });
  console.log(values.help ? HELP : `FEE_SECRET=${await makeSecret()}`);
  return 0;
};
