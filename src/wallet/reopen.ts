/** Opens what was bought before, where its pass is lost: the receipt is shown (SPEC 7.3). */
import { type Challenge, parseChallenges } from '../protocol/challenge.ts';
import { formatCredential } from '../protocol/credential.ts';
import { FarthingError } from '../protocol/errors.ts';
import { parseReceiptHeader } from '../protocol/receipt.ts';
import { signShow } from '../protocol/show.ts';
import { type Holder, holderFor } from './holder.ts';
import type { WalletPorts } from './ports.ts';
import type { Payment } from './rows.ts';
import { readRefusal, requestWith } from './seller.ts';

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
  headers: Record<string, string>,
): Promise<Response> {
  try {
    return await ports.fetch(url, requestWith(headers), tabId);
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

/**
 * Gets a new pass for what `payment` bought, for the tab where it is wanted: nothing is paid. A
 * pass that is still there is used. Answers whether it took a new one.
 * @throws FarthingError the seller's code, or `seller_unreachable`
 */
export async function renewPass(
  ports: WalletPorts,
  payment: Payment,
  tabId: number,
): Promise<boolean> {
  if (payment.state !== 'paid') throw new TypeError('Only what was paid is reopened');
  const place = { url: payment.ask.url, tabId };
  const first = await visit(ports, place, {});
  await first.body?.cancel();
  if (first.ok) return false;
  const challenge = challengeIn(first);
  const holder = await holderFor(ports, payment);
  const authorization = await showAuthorization(payment, { holder, challenge });
  const headers = { Authorization: authorization, Prefer: 'return=minimal' };
  await checkShown(payment, await visit(ports, place, headers));
  return true;
}
