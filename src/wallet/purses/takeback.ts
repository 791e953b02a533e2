/** *Take back what is set aside*: all that there is at one seller, at the reader’s wish. */
import { providerNow, requireAccount } from '../account/accounts.ts';
import type { Payer } from '../payment/pay.ts';
import type { WalletPorts } from '../ports.ts';
import type { Payment, Purse } from '../rows.ts';
import type { Closer } from './closing.ts';
import { asideMicros, backBySec, canEnd, leftInPurse } from './purses.ts';

/** What came back of a seller, and what is still there. */
export interface TakenBackView {
  readonly back: string;
  readonly left: string;
  /** When what is left is back at the latest; undefined where nothing is. */
  readonly leftUntilMs: number | undefined;
}

async function pursesAt({ store }: WalletPorts, payto: string): Promise<Purse[]> {
  return (await store.purses.all()).filter((purse) => purse.payto === payto);
}

/** Charges without an answer come first: their purses cannot be closed before. */
async function resolveAt(ports: WalletPorts, payer: Payer, payto: string): Promise<void> {
  const pending = await ports.store.payments.pending();
  const isHere = ({ state, ask }: Payment) => state === 'sending' && ask.terms.payto === payto;
  for (const { id } of pending.filter(isHere)) await payer.run(id);
}

/** Closes every purse at `payto` that can be closed. */
export async function takeBack(
  ports: WalletPorts,
  { closer, payer }: { readonly closer: Closer; readonly payer: Payer },
  payto: string,
): Promise<TakenBackView> {
  const account = await requireAccount(ports);
  const providerNowMs = providerNow(ports, account);
  let backMicros = 0n;
  // Twice: what a seller had refused in words only is paid first, and then the rest comes back.
  for (const _ of [1, 2]) {
    await resolveAt(ports, payer, payto);
    for (const purse of await pursesAt(ports, payto)) {
      if (!canEnd(purse, new Set(), providerNowMs)) continue;
      const closed = await closer.run(purse.id);
      if (closed?.state === 'closed') backMicros += leftInPurse(closed);
    }
  }
  const purses = await pursesAt(ports, payto);
  const left = purses.filter((purse) => asideMicros([purse], providerNowMs) > 0n);
  const untilSec = Math.max(...left.map(backBySec));
  return {
    back: `${backMicros}`,
    left: `${asideMicros(purses, providerNowMs)}`,
    leftUntilMs: left.length > 0 ? untilSec * 1000 - account.clockOffsetMs : undefined,
  };
}
