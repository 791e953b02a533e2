/**
 * Charges that a payment has given up for another one under the same yes (SPEC 6.9). Their sellers
 * refused them in words and hold them signed: what was accepted all the same is known by them.
 */
import type { Payment } from '../rows.ts';

/** Whether `payment` signed that on this purse, now or before. */
export function hasSigned(
  { charge, givenUp = [] }: Payment,
  { purse, binding }: { readonly purse: string; readonly binding: string },
): boolean {
  const all = [charge, ...givenUp.map((it) => it.charge)];
  return all.some((it) => it?.purse === purse && it.binding === binding);
}

/** Whether any of its charges, now or before, is of this purse. */
export function isOnPurse({ charge, givenUp = [] }: Payment, purse: string): boolean {
  return charge?.purse === purse || givenUp.some((it) => it.charge.purse === purse);
}

/** Its charges that are not the present one, with the present one among them. */
function withPresent({ charge, challenge, dueMicros, ask, givenUp = [] }: Payment) {
  return charge ? [...givenUp, { charge, challenge, dueMicros, terms: ask.terms }] : givenUp;
}

/** The charge is given up, and the yes stands. */
export function giveUp(payment: Payment): Payment {
  const givenUp = withPresent(payment);
  return { ...payment, state: 'intended', charge: undefined, isWithPrior: undefined, givenUp };
}

/** The payment by its charge of that binding, which its seller has accepted, to be sent again. */
export function takeUp(payment: Payment, binding: string): Payment {
  const all = withPresent(payment);
  const it = all.find(({ charge }) => charge.binding === binding);
  if (!it) throw new TypeError('Only what was signed for a payment is taken up');
  return {
    ...payment,
    ...{ state: 'sending', pending: 1, refusal: undefined, isWithPrior: undefined },
    ...{ charge: it.charge, challenge: it.challenge, dueMicros: it.dueMicros },
    ask: { ...payment.ask, terms: it.terms },
    givenUp: all.filter((other) => other !== it),
  };
}
