/** Strangers at a shop: a purse in a file for them, and their command line. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { MICROS_ZERO } from '../../../src/protocol/money.ts';
import { askForPurse, makeAccount, openAccount, topUp } from '../account.ts';
import { createPurseMethod } from './method.ts';
import { loadPeerClient, PEER_COMMAND, PEER_CONFIG } from './peer.ts';
import { writePurse } from './purse.ts';

let files = 0;

/** A file with a new purse of `amountMicros` for `payto`, set aside by the provider at `issuer`. */
export async function makePurseFile(
  folder: string,
  { issuer, payto, amountMicros }: { issuer: string; payto: string; amountMicros: bigint },
): Promise<string> {
  const account = await makeAccount(issuer, fetch);
  await openAccount(account);
  await topUp(account, 5_000_000n);
  const { id, key, reply } = await askForPurse(account, { payto, amountMicros });
  if (reply.status !== 200) throw new Error(`no purse: ${reply.text}`);
  const file = join(folder, `purse-${++files}.json`);
  const certificate = String(reply.body.certificate);
  const jwk = await crypto.subtle.exportKey('jwk', key.key);
  writePurse(file, { id, payto, certificate, key: jwk, seq: 0, tot: MICROS_ZERO, bought: {} });
  return file;
}

/** The scheme's own client on the purse in `file`, in this process. */
export async function openClient(file: string): Promise<typeof fetch> {
  const { Mppx } = await loadPeerClient();
  const purse = createPurseMethod(file);
  const { fetch: pay } = Mppx.create({
    methods: [purse.method],
    fetch: purse.watch(fetch),
    polyfill: false,
  });
  return pay;
}

export interface Run {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs the scheme's own command in a process of its own. */
export function runPeer(args: readonly string[], purseFile = ''): Promise<Run> {
  const env = { ...process.env, MPPX_CONFIG: PEER_CONFIG, FARTHING_PURSE: purseFile };
  return new Promise((resolve) => {
    execFile(process.execPath, [PEER_COMMAND, ...args], { env }, (error, stdout, stderr) => {
      const exitCode = error ? Number(error.code ?? 1) : 0;
      resolve({ exitCode, output: stdout + stderr });
    });
  });
}
