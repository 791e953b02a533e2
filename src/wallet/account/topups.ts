/**
 * Money that the reader puts in (SPEC 9.8). Its id is on disk before it is asked for; a card that
 * is paid on a page of its own takes as long as it takes.
 */
import { encodeBase64url } from '../../protocol/base64url.ts';
import { type ErrorCode, FarthingError } from '../../protocol/errors.ts';
import type { Micros } from '../../protocol/money.ts';
import type { Tables, WalletPorts } from '../ports.ts';
import type { Account } from '../rows.ts';
import { bookBalance, checkAddress, clientOf, requireAccount } from './accounts.ts';
import type { TopUp } from './cardrows.ts';
import type { TopUpWord } from './provider.ts';

/** A top-up as screens show it. */
export interface TopUpView {
  readonly amount: string;
  readonly state: 'begun' | 'paid' | 'failed';
  /** Where the reader pays; undefined where there is nothing to do but wait. */
  readonly page: string | undefined;
}

/** What the provider has said something of; undefined where there is none. */
export function topUpView({ topUp }: Account): TopUpView | undefined {
  if (!topUp?.state) return undefined;
  const { amountMicros, state, page } = topUp;
  return { amount: `${amountMicros}`, state, page };
}

/** The one that is under way, or the new one, stored from then on. */
function keepTopUp({ store }: WalletPorts, wanted: TopUp): Promise<TopUp> {
  return store.transaction(async ({ account: table }) => {
    const account = await table.get('account');
    const { topUp } = account ?? {};
    if (topUp && (!topUp.state || topUp.state === 'begun')) return topUp;
    if (account) await table.put({ ...account, topUp: wanted });
    return wanted;
  });
}

async function putTopUp({ account: table }: Tables, id: string, next: TopUp | undefined) {
  const account = await table.get('account');
  if (account?.topUp?.id === id) await table.put({ ...account, topUp: next });
}

/** Asks for it, or how it stands: the answer to the write stays what it was. */
async function send(ports: WalletPorts, account: Account, asked: TopUp): Promise<TopUpWord> {
  const client = clientOf(ports, account);
  const { id, amountMicros, state } = asked;
  if (state === 'begun') return client.readTopUp(id);
  const { currency } = account;
  const answer = await client.topUp({ id, amount: `${amountMicros}`, currency });
  return answer.state === 'begun' ? client.readTopUp(id) : answer;
}

function pageOf(account: Account, { url }: TopUpWord): string | undefined {
  return url === undefined ? undefined : checkAddress(url, account).href;
}

/** After these the id is kept for the next try. Any other is final, and the id with it. */
const IS_OPEN: readonly ErrorCode[] = ['provider_unreachable', 'url_malformed'];

/**
 * Tops up. A top-up whose answer was lost, or that is still begun, is gone on with under its own
 * id, whatever amount is asked for now: nobody pays twice for one press. Answers what is left to
 * do; undefined once it is paid.
 * @throws FarthingError `provider_unreachable`, `topup_refused`, `account_frozen`; `url_malformed`
 *   where the provider's page is none to pay on: the id is kept
 */
export async function topUp(
  ports: WalletPorts,
  amountMicros: Micros,
): Promise<TopUpView | undefined> {
  const account = await requireAccount(ports);
  const id = encodeBase64url(ports.random(16));
  const asked = await keepTopUp(ports, { id, amountMicros, atMs: ports.now() });
  const put = (next: TopUp | undefined) => (tables: Tables) => putTopUp(tables, asked.id, next);
  try {
    const word = await send(ports, account, asked);
    const { state, balance } = word;
    const next = state === 'begun' ? { ...asked, state, page: pageOf(account, word) } : undefined;
    await bookBalance(ports, balance, put(next));
    if (state === 'failed') throw new FarthingError('topup_refused', 'nothing was taken');
    return next && topUpView({ ...account, topUp: next });
  } catch (error) {
    if (error instanceof FarthingError && !IS_OPEN.includes(error.code))
      await ports.store.transaction(put(undefined));
    throw error;
  }
}

/**
 * Asks how the one stands that is begun. What the reader waits for is kept until its end was seen;
 * what a card has taken back meanwhile the balance says.
 * @throws FarthingError `provider_unreachable`, `not_found`, `url_malformed`
 */
export async function renewTopUp(ports: WalletPorts): Promise<void> {
  const account = await ports.store.account.get('account');
  const { topUp } = account ?? {};
  if (!account || topUp?.state !== 'begun') return;
  const word = await clientOf(ports, account).readTopUp(topUp.id);
  const { state, balance } = word;
  const isShown = state === 'begun' || state === 'paid' || state === 'failed';
  const next = isShown ? { ...topUp, state, page: pageOf(account, word) } : undefined;
  await bookBalance(ports, balance, (tables) => putTopUp(tables, topUp.id, next));
}

/**
 * Its end was seen; or the reader waits no more, and what comes of it is in the balance. One that
 * the provider has said nothing of stays: it is asked for again under its id.
 */
export async function leaveTopUp({ store, changed }: WalletPorts): Promise<void> {
  await store.transaction(async ({ account: table }) => {
    const account = await table.get('account');
    if (account?.topUp?.state) await table.put({ ...account, topUp: undefined });
  });
  changed();
}

/** Whoever pays on a page does so soon; afterwards it is asked when there is another reason. */
const PAYING_MS = 3_600_000;

/** Whether the reader may be paying just now. */
export function isPaying({ now }: WalletPorts, { topUp }: Account): boolean {
  return topUp?.state === 'begun' && Math.abs(now() - (topUp.atMs ?? 0)) < PAYING_MS;
}
