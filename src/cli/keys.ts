/** `farthing keys`: what a wallet service signs with, and how it comes to a new key. */
import { parseArgs } from 'node:util';
import { FarthingError } from '../protocol/errors.ts';
import { type KeyState, listKeysAt, rotateKeyAt } from '../provider/signing/keys.ts';
import { revokeKeyAt } from '../provider/signing/revocation.ts';
import { checkThere, findOneBooks } from './books.ts';
import type { Command } from './main.ts';

const HELP = `Usage: farthing keys list|rotate BOOKS
       farthing keys revoke KID BOOKS [--replace]

BOOKS is FILE, FOLDER or postgres://USER@HOST/NAME.

May be run while the wallet service runs; its processes need no restart.

  list      the keys, newest first: since when each signs, and when it leaves the public set (UTC)
  rotate    make a new key. It is published now and signs ten minutes from now; the one before it
            stays in the public set for 375 days, as long as what it signed is shown, and in the
            books for ever, for the audit
  revoke    a key that somebody else has leaves the public set now, and signs nothing any more.
            What it signed counts for nothing then: where it is asked for again it is signed by
            the key that signs now
  --replace the key to revoke is the one that signs now: a new key signs at once in its place.
            Where one is published already that signs in ten minutes, it signs at once, and
            nothing has to be said

Exit 0: it is so. Exit 2: misuse, too soon, or nothing would sign.`;

const timeOf = (sec: number) => new Date(sec * 1000).toISOString().slice(0, 16).replace('T', ' ');

function line(state: KeyState, nowSec: number): string {
  const { kid, madeAtSec, signsFromSec, leavesAtSec, revokedAtSec } = state;
  const from = timeOf(Math.max(madeAtSec, signsFromSec));
  if (revokedAtSec !== undefined)
    return `${kid}  signs from ${from}  revoked ${timeOf(revokedAtSec)}`;
  if (leavesAtSec === undefined) return `${kid}  signs from ${from}`;
  const verb = leavesAtSec > nowSec ? 'leaves' : 'left';
  return `${kid}  signs from ${from}  ${verb} the public set ${timeOf(leavesAtSec)}`;
}

/** Exit 0, or 2 for misuse and where it is too soon. */
export const keys: Command = async (args) => {
  const options = { help: { type: 'boolean' }, replace: { type: 'boolean' } } as const;
  // A KID may begin with a dash, and is no option for that.
  const dashed = args.find((it) => /^-[\w-]{42}$/.test(it));
  const rest = args.filter((it) => it !== dashed);
  const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const [command, ...books] = positionals;
  const nowSec = Math.floor(Date.now() / 1000);
  const show = (states: readonly KeyState[]) => {
    for (const state of states) console.log(line(state, nowSec));
  };
  if (values.replace && command !== 'revoke')
    throw new FarthingError('option_invalid', '--replace goes with revoke');
  if (command === 'rotate') {
    const place = findOneBooks(books);
    checkThere(place);
    console.log(line(await rotateKeyAt(place, nowSec), nowSec));
  } else if (command === 'list') show(await listKeysAt(findOneBooks(books)));
  else if (command === 'revoke') {
    const [kid = '', ...others] = dashed === undefined ? books : [dashed, ...books];
    if (others.length === 0)
      throw new FarthingError('option_invalid', 'say which key and which books: revoke KID BOOKS');
    const place = findOneBooks(others);
    checkThere(place);
    show(await revokeKeyAt(place, kid, { atSec: nowSec, isReplaced: values.replace ?? false }));
  } else
    throw new FarthingError(
      'option_invalid',
      'say list, rotate or revoke, and which books: see --help',
    );
  return 0;
};
