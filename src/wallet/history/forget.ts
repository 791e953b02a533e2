/**
 * Forgets what was bought, at one site or everywhere: titles, addresses and receipts, never money.
 * What is still needed to pay or to refund rightly stays until it is not, and goes then by itself.
 * Some days in one transaction: it can die at any of them and goes on.
 */
import { encodeBase64url } from '../../protocol/base64url.ts';
import { providerNow, requireAccount } from '../account/accounts.ts';
import { forgetMarks } from '../account/backup.ts';
import { readKeep } from '../account/keeps.ts';
import { dayOf } from '../payment/policy.ts';
import type { Tables, WalletPorts } from '../ports.ts';
import { backBySec, isSettled } from '../purses/purses.ts';
import type { CopyMark, Payment, Purse } from '../rows.ts';
import { isUndoing } from '../undo/undo.ts';
import { undoUntilSec } from '../undo/undowindow.ts';
import { catchUp } from './bookkeeping.ts';
import { type ForgetWish, isAbout } from './forgetting.ts';
import { momentsOf, searchable, sheetKeyOf } from './sheets.ts';

/** How many purchases go at once, and how many later by themselves. */
export interface ForgetView {
  readonly now: number;
  readonly later: number;
  /** By then those have gone, by this machine's clock; undefined where nobody can say. */
  readonly laterByMs: number | undefined;
}

const NOTHING: ForgetView = { now: 0, later: 0, laterByMs: 0 };

/** What two parts of the history come to. */
function together(one: ForgetView, other: ForgetView): ForgetView {
  return {
    now: one.now + other.now,
    later: one.later + other.later,
    laterByMs: later(one.laterByMs, other.laterByMs),
  };
}

/** In one transaction; then it is said how far it went. A day's are never parted. */
const PURCHASES_AT_ONCE = 1000;

/** By which it is known what is over. */
interface Moment {
  readonly todayMs: number;
  readonly tomorrowMs: number;
  readonly providerNowMs: number;
  readonly clockOffsetMs: number;
}

async function momentOf(ports: WalletPorts): Promise<Moment> {
  const account = await requireAccount(ports);
  const { fromMs: todayMs, untilMs: tomorrowMs } = dayOf(ports.now());
  const { clockOffsetMs } = account;
  return { todayMs, tomorrowMs, providerNowMs: providerNow(ports, account), clockOffsetMs };
}

/** Whether this browser waits for the money of an undo; for its own another one does. */
function isComing({ undo, elsewhere }: Payment): boolean {
  return undo?.state === 'granted' && !undo.isBack && !elsewhere;
}

/** Pure: whether nothing that is still to come needs this payment. */
export function isOver(payment: Payment, purse: Purse | undefined, at: Moment): boolean {
  const { state, pending, atMs, freeUntilSec = 0 } = payment;
  if (pending === 1 || state === 'intended' || state === 'sending') return false;
  if (isUndoing(payment) || isComing(payment)) return false;
  if ((undoUntilSec(payment) ?? 0) * 1000 > at.providerNowMs) return false;
  // Without it nothing opens under its cap: none is due, and no receipt says so.
  if (freeUntilSec * 1000 > at.providerNowMs) return false;
  // What today took counts for the limits of today.
  return isSettled(purse) && atMs < at.todayMs;
}

/**
 * Pure: by when it goes, by this machine's clock, where nothing more is bought with its purse;
 * undefined where that is up to somebody who is silent.
 */
function overByMs(payment: Payment, purse: Purse | undefined, at: Moment): number | undefined {
  const { pending, freeUntilSec = 0 } = payment;
  const isOpen = pending === 1 || isUndoing(payment) || isComing(payment);
  const isHeld = purse !== undefined && !isSettled(purse);
  if (isOpen && !isHeld) return undefined;
  const untilSec = [undoUntilSec(payment) ?? 0, freeUntilSec, isHeld ? backBySec(purse) : 0];
  return Math.max(at.tomorrowMs, Math.max(...untilSec) * 1000 - at.clockOffsetMs);
}

/** The later of two, which is not known where one of them is not. */
function later(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Math.max(one, other);
}

interface About {
  readonly wish: ForgetWish;
  readonly at: Moment;
}

/** What is meant of the payments of some days that follow each other. */
async function sorted(tables: Tables, keys: readonly string[], { wish, at }: About) {
  const moments = keys.map(momentsOf);
  const fromMs = Math.min(...moments.map((it) => it.fromMs));
  const untilMs = Math.max(...moments.map((it) => it.untilMs));
  const purses = new Map((await tables.purses.all()).map((purse) => [purse.id, purse]));
  const meant = (await tables.payments.since(fromMs, untilMs)).filter((it) => isAbout(it, wish));
  const purseOf = ({ charge }: Payment) => purses.get(charge?.purse ?? '');
  const isGone = (it: Payment) => isOver(it, purseOf(it), at);
  const over = meant.filter(isGone);
  const left = meant.filter((it) => !isGone(it));
  const byMs = left.map((it) => overByMs(it, purseOf(it), at)).reduce(later, 0);
  return { over, view: { now: over.length, later: left.length, laterByMs: byMs } };
}

/** The days on which there may be something, as many together as go at once. */
async function daysOf({ sheets }: Tables, { host, beforeMs }: ForgetWish): Promise<string[][]> {
  const last = sheetKeyOf(beforeMs);
  const all = (await sheets.all()).filter(({ key }) => key <= last);
  const isHere = (text: string) => host === undefined || text.includes(searchable(host));
  const parts: string[][] = [];
  let room = 0;
  for (const { key, text } of all.filter((it) => isHere(it.text))) {
    if (room <= 0) {
      parts.push([]);
      room = PURCHASES_AT_ONCE;
    }
    parts.at(-1)?.push(key);
    room -= text.split('\n').length - 1;
  }
  return parts;
}

/** What was begun in this very moment is meant as well. */
function afterNow({ now }: WalletPorts): number {
  return now() + 1;
}

/** What forgetting would do now. Days are found by their sheets: each has one first. */
export async function foreseeForgetting(
  ports: WalletPorts,
  host: string | undefined,
): Promise<ForgetView> {
  await catchUp(ports.store);
  const at = await momentOf(ports);
  const wish: ForgetWish = { id: '', host, beforeMs: afterNow(ports) };
  let view = NOTHING;
  for (const days of await daysOf(ports.store, wish))
    view = together(view, (await sorted(ports.store, days, { wish, at })).view);
  return view;
}

/**
 * Purses that are over name the page that they were used for last; with nothing left that was
 * bought there, they and their seller go, unless the reader has a word on it.
 */
async function clearPurses({ store }: WalletPorts): Promise<void> {
  await store.transaction(async ({ purses, months, sellers }) => {
    const all = await purses.all();
    const left = new Set((await months.all()).map(({ payto }) => payto));
    for (const { payto } of all.filter((purse) => !isSettled(purse))) left.add(payto);
    const settled = all.filter(isSettled);
    const isNeeded = ({ payto }: Purse) => left.has(payto);
    const door = { url: '', request: '' };
    await purses.putAll(settled.filter(isNeeded).map((purse) => ({ ...purse, door })));
    await purses.removeAll(settled.filter((it) => !isNeeded(it)).map(({ id }) => id));
    for (const { payto, rules } of await sellers.all())
      if (rules.length === 0 && !left.has(payto)) await sellers.remove(payto);
  });
}

/** Another device may copy it yet: it is known by its bare number, and not read again. */
function forgottenMark(id: string): CopyMark {
  return { key: `forgotten ${id}`, digest: '', atMs: 0 };
}

function forgetDays(
  ports: WalletPorts,
  days: readonly string[],
  about: About,
): Promise<ForgetView> {
  return ports.store.transaction(async (tables) => {
    const { over, view } = await sorted(tables, days, about);
    const ids = over.map(({ id }) => id);
    await tables.payments.removeAll(ids);
    // Without a copy, now or before, there never were marks of one.
    if (await readKeep(tables, 'copy')) {
      await tables.marks.removeAll(ids.map((id) => `payment ${id}`));
      await tables.marks.putAll(ids.map(forgottenMark));
    }
    return view;
  });
}

/** The copy at the provider is erased, and begins again without what is wished away (SPEC 9.19). */
async function beginCopyAnew(tables: Tables, id: string): Promise<void> {
  const copy = await readKeep(tables, 'copy');
  if (!copy || copy.state === 'off') return;
  await forgetMarks(tables);
  await tables.keeps.put({ ...copy, state: 'on', sinceMs: 0 });
  await tables.keeps.put({ key: 'erasing', id });
}

/** Hears how many are gone so far, each time that some more are. */
export type ForgetListener = (goneCount: number) => void;

/** Goes on with what the reader wished to be forgotten; answers how it went. */
export async function finishForgetting(
  ports: WalletPorts,
  tell: ForgetListener = () => undefined,
): Promise<ForgetView> {
  let view = NOTHING;
  const wishes = (await readKeep(ports.store, 'forgetting'))?.wishes ?? [];
  if (wishes.length === 0) return view;
  await catchUp(ports.store);
  const at = await momentOf(ports);
  const left = new Set<ForgetWish>();
  for (const wish of wishes) {
    for (const days of await daysOf(ports.store, wish)) {
      const gone = await forgetDays(ports, days, { wish, at });
      view = together(view, gone);
      if (gone.later > 0) left.add(wish);
      tell(view.now);
    }
  }
  if (view.now > 0) await clearPurses(ports);
  await ports.store.transaction(async ({ keeps }) => {
    const known = (await readKeep({ keeps }, 'forgetting'))?.wishes ?? [];
    const isDone = (it: ForgetWish) => wishes.some((wish) => !left.has(wish) && wish.id === it.id);
    await keeps.put({ key: 'forgetting', wishes: known.filter((it) => !isDone(it)) });
  });
  if (view.now > 0) ports.changed();
  return view;
}

/** A question names its page, and nobody answers those of tabs that are gone. */
async function forgetAsks({ asks }: Tables, wish: ForgetWish): Promise<void> {
  const meant = (await asks.all()).filter((ask) => isAbout({ ask, atMs: ask.atMs }, wish));
  await asks.removeAll(meant.map(({ id }) => id));
}

/** Notes the wish, and forgets what can be now; the rest goes when it is over. */
export async function forget(
  ports: WalletPorts,
  host: string | undefined,
  tell?: ForgetListener,
): Promise<ForgetView> {
  const wish = { id: encodeBase64url(ports.random(16)), host, beforeMs: afterNow(ports) };
  const erasingId = encodeBase64url(ports.random(16));
  await ports.store.transaction(async (tables) => {
    await forgetAsks(tables, wish);
    const known = (await readKeep(tables, 'forgetting'))?.wishes ?? [];
    const others = known.filter((it) => host !== undefined && it.host !== host);
    await tables.keeps.put({ key: 'forgetting', wishes: [...others, wish] });
    await beginCopyAnew(tables, erasingId);
  });
  return finishForgetting(ports, tell);
}
