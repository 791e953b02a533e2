/**
 * Undo by the provider (SPEC 7.8), where a seller does not answer what its receipt promises. It is
 * shown the receipt and the wish; what was bought stays here.
 */
import { encodeBase64url } from '../../protocol/base64url.ts';
import { FarthingError } from '../../protocol/errors.ts';
import type { UncheckedJws } from '../../protocol/jws.ts';
import { readRefundNote } from '../../protocol/undo.ts';
import {
  checkSignedByProvider,
  clientOf,
  requireAccount,
  trustAnswer,
} from '../account/accounts.ts';
import { amend } from '../amend.ts';
import { checkSignedBySeller } from '../payment/seller.ts';
import type { WalletPorts } from '../ports.ts';
import type { Payment, Undoing } from '../rows.ts';

/** Stores how an undo stands. */
export async function keepUndo(
  ports: WalletPorts,
  payment: Payment,
  undo: Undoing,
): Promise<Payment> {
  const next = await amend(ports, payment, { undo });
  ports.changed();
  return next;
}

/** The wish of a payment that is being undone. */
export function wishOf({ undo }: Payment): Undoing {
  if (!undo) throw new TypeError('What is undone was wished to be');
  return undo;
}

/** Whether a note is about exactly this charge; its signature is still to be checked. */
export function readOwnNote(payment: Payment, token: string): UncheckedJws {
  const { claims, jws } = readRefundNote(token);
  const { charge, ask } = payment;
  const isThis =
    claims.aud === ask.terms.payto &&
    claims.pur === charge?.purse &&
    claims.seq === charge.seq &&
    claims.amt === charge.opening.amt;
  if (!isThis) throw new FarthingError('seller_unreachable', 'the note is for another charge');
  return jws;
}

/** A note that the provider shows is the seller's, or its own in the seller's name. */
async function checkShownNote(ports: WalletPorts, payment: Payment, token: string): Promise<void> {
  const jws = readOwnNote(payment, token);
  try {
    await checkSignedBySeller(ports, payment.ask.terms.payto, jws);
  } catch (error) {
    if (!(error instanceof FarthingError) || error.code !== 'jws_key_unknown') throw error;
    await checkSignedByProvider(ports, jws);
  }
}

/** Asks under `judgingId`, which is stored. */
async function judge(ports: WalletPorts, payment: Payment, judgingId: string) {
  const { receipt = '', ask } = payment;
  const { token: undo } = wishOf(payment);
  const client = clientOf(ports, await requireAccount(ports));
  const answer = await client.judgeUndo({ id: judgingId, payto: ask.terms.payto, receipt, undo });
  await trustAnswer(() => checkShownNote(ports, payment, answer.refund));
  return { note: answer.refund, isBack: answer.state === 'paid' };
}

/**
 * The provider's clock decides; its refusal is the end of it.
 * @throws FarthingError its codes; `provider_unreachable` where it is tried again
 */
export async function askProvider(ports: WalletPorts, asked: Payment): Promise<Payment> {
  const judgingId = asked.undo?.judgingId ?? encodeBase64url(ports.random(16));
  const payment = await keepUndo(ports, asked, { ...wishOf(asked), judgingId });
  const undo = wishOf(payment);
  try {
    const granted = await judge(ports, payment, judgingId);
    return await keepUndo(ports, payment, { ...undo, state: 'granted', ...granted });
  } catch (error) {
    if (!(error instanceof FarthingError) || error.code === 'provider_unreachable') throw error;
    const { code, detail } = error;
    await keepUndo(ports, payment, { ...undo, state: 'refused', refusal: { code, detail } });
    throw error;
  }
}

/** Whether what the provider granted is back by now; what was never collected is anyway. */
export async function lookAgain(ports: WalletPorts, payment: Payment): Promise<void> {
  // Under a new id: the former one keeps its answer for ever (SPEC 9.5).
  const judgingId = encodeBase64url(ports.random(16));
  const stored = await keepUndo(ports, payment, { ...wishOf(payment), judgingId });
  try {
    const granted = await judge(ports, stored, judgingId);
    await keepUndo(ports, stored, { ...wishOf(stored), ...granted });
  } catch (error) {
    if (!(error instanceof FarthingError) || error.code !== 'refund_excess') throw error;
    await keepUndo(ports, stored, { ...wishOf(stored), isBack: true });
  }
}
