/**
 * Opens what was bought before, where its pass is lost: the receipt is shown (SPEC 7.3), and the
 * charge of what is used up at once is sent again (SPEC 7.9).
 */
import { type Challenge, parseChallenges } from '../../protocol/challenge.ts';
import { formatCredential } from '../../protocol/credential.ts';
import { type ErrorCode, FarthingError } from '../../protocol/errors.ts';
import { parseReceiptHeader } from '../../protocol/receipt.ts';
import { signShow } from '../../protocol/show.ts';
import { amend } from '../amend.ts';
import type { WalletPorts } from '../ports.ts';
import type { Payment } from '../rows.ts';
import { endFree } from './caps.ts';
import { isUsedUp } from './dues.ts';
import { type Holder, holderFor, renewHolder } from './holder.ts';
import { chargeRequest, readRefusal, requestWith } from './seller.ts';

function unreachable(why: string, cause?: unknown): FarthingError {
  return new FarthingError('seller_unreachable', why, { cause });
}

/** Where a pass is wanted. */
interface Place {
  readonly url: string;
  readonly tabId: number;
}

async function visit(
  ports: WalletPorts,
  { url, tabId }: Place,
  request: RequestInit,
): Promise<Response> {
  try {
    return await ports.fetch(url, request, tabId);
  } catch (error) {
    throw unreachable(new URL(url).host, error);
  }
}

function challengeIn(response: Response): Challenge {
  const [challenge] = parseChallenges(response.headers.get('WWW-Authenticate') ?? '');
  if (response.status !== 402 || !challenge) throw unreachable(`status ${response.status}`);
  return challenge;
}

async function showAuthorization(
  payment: Payment,
  { holder: by, challenge }: { holder: Holder; challenge: Challenge },
): Promise<string> {
  const { charge, receipt, ask } = payment;
  if (!charge || !receipt) throw new TypeError('What was paid has a charge and a receipt');
  const { opening, salt, purse: pur, seq, binding } = charge;
  const claims = { aud: ask.terms.payto, cid: challenge.id, pur, seq, bnd: binding };
  const proof = await signShow(claims, by.key);
  const { certificate, holder } = by;
  const payload = { action: 'show', certificate, holder, opening, proof, receipt, salt } as const;
  return formatCredential({ challenge, payload });
}

async function checkShown(payment: Payment, shown: Response): Promise<void> {
  const header = shown.headers.get('Payment-Receipt');
  if (!shown.ok || header === null) {
    const answer = await readRefusal(shown);
    if (answer.kind === 'refusal') throw new FarthingError(answer.code, answer.detail);
    throw unreachable(`status ${shown.status}`);
  }
  await shown.body?.cancel();
  if (parseReceiptHeader(header).token !== payment.receipt) throw unreachable('another receipt');
}

/** What the receipt of `payment` opens at `place`. */
async function showAt(ports: WalletPorts, payment: Payment, place: Place): Promise<boolean> {
  const first = await visit(ports, place, requestWith({}));
  await first.body?.cancel();
  if (first.ok) return false;
  const challenge = challengeIn(first);
  const show = async (bought: Payment) => {
    const holder = await holderFor(ports, bought);
    const authorization = await showAuthorization(bought, { holder, challenge });
    const headers = { Authorization: authorization, Prefer: 'return=minimal' };
    await checkShown(bought, await visit(ports, place, requestWith(headers)));
  };
  try {
    await show(payment);
  } catch (error) {
    if (!(error instanceof FarthingError) || error.code !== 'jws_key_unknown') throw error;
    await show(await renewHolder(ports, payment));
  }
  return true;
}

/**
 * Shows the receipt that reached a cap for something else under it (SPEC 7.7). A seller that says
 * it is free no more is believed: what is there is for sale again.
 * @throws FarthingError the seller's code, or `seller_unreachable`
 */
export async function showFree(
  ports: WalletPorts,
  source: Payment,
  place: Place,
): Promise<boolean> {
  try {
    return await showAt(ports, source, place);
  } catch (error) {
    if (error instanceof FarthingError && isFreeNoMore(error)) await endFree(ports, source);
    throw error;
  }
}

/** What was counted was undone, the period is over, or the seller has another cap here. */
const ENDS_OF_FREE: readonly ErrorCode[] = ['used', 'refunded', 'terms_changed'];

/** Whether a seller's refusal says that what was free is for sale again. */
export function isFreeNoMore({ code }: FarthingError): boolean {
  return ENDS_OF_FREE.includes(code);
}

/**
 * Gets the ticket of what is used up at once again: the same charge is answered with it as long as
 * it waits. A seller that says otherwise is believed: what is there is for sale again.
 */
async function renewTicket(ports: WalletPorts, payment: Payment, place: Place): Promise<boolean> {
  const { charge } = payment;
  const purse = await ports.store.purses.get(charge?.purse ?? '');
  if (!charge || !purse) throw new TypeError('What was paid here has its purse here');
  try {
    await checkShown(payment, await visit(ports, place, chargeRequest(payment, charge, purse)));
    return true;
  } catch (error) {
    const isHeard = error instanceof FarthingError && error.code !== 'seller_unreachable';
    if (isHeard) await amend(ports, payment, { ticket: 'spent' });
    throw error;
  }
}

/**
 * Gets a new pass for what `payment` bought, or was free, for the tab where it is wanted: nothing
 * is paid. A pass that is still there is used. Answers whether it took a new one.
 * @throws FarthingError the seller's code, or `seller_unreachable`
 */
export async function renewPass(
  ports: WalletPorts,
  payment: Payment,
  tabId: number,
): Promise<boolean> {
  if (payment.state !== 'paid') throw new TypeError('Only what was paid is reopened');
  const place = { url: payment.ask.url, tabId };
  if (payment.freeBy === undefined)
    return isUsedUp(payment) ? renewTicket(ports, payment, place) : showAt(ports, payment, place);
  const source = await ports.store.payments.get(payment.freeBy);
  if (!source) throw new FarthingError('used', 'the receipt is not here');
  return showFree(ports, source, place);
}
