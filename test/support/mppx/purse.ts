/** A purse in a file, for a client that starts anew for each purchase. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Challenge } from '../../../src/protocol/challenge.ts';
import type { Opening } from '../../../src/protocol/charge.ts';
import { type Micros, micros } from '../../../src/protocol/money.ts';

/** A charge that is signed; it may have been sent, and its answer may be known. */
export interface Pending {
  readonly token: string;
  readonly seq: number;
  readonly tot: Micros;
  readonly opening: Opening;
  readonly salt: string;
  /** The one that it was signed under; later ones with the same `request` do as well. */
  readonly challenge: Challenge;
  /** Where it was sent and not answered: nothing else is signed until it is. */
  readonly sentTo?: string | undefined;
}

/** Something bought, to be shown when it is asked for again. */
export interface Bought {
  readonly receipt: string;
  readonly opening: Opening;
  readonly salt: string;
}

/** All that a purse knows; `seq` and `tot` are those of the last receipt. */
export interface PurseFile {
  readonly id: string;
  readonly payto: string;
  readonly certificate: string;
  /** The purse key, private part included. */
  readonly key: JsonWebKey;
  readonly seq: number;
  readonly tot: Micros;
  readonly pending?: Pending | undefined;
  /** By the challenge's `request`. */
  readonly bought: Readonly<Record<string, Bought>>;
}

const AMOUNTS = ['tot', 'amt'];

export function readPurse(file: string): PurseFile {
  return JSON.parse(readFileSync(file, 'utf8'), (name, value) =>
    AMOUNTS.includes(name) ? micros(BigInt(value)) : value,
  );
}

/** Replaced in one step, so that whoever dies here leaves the former one. */
export function writePurse(file: string, purse: PurseFile): void {
  const text = JSON.stringify(purse, (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
