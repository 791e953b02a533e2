/**
 * The card of a sandbox: it has play money, pays at once, and does what it is wished to do, as test
 * cards do. It tells of that like a real one: by notices, some late, some twice.
 */
import { type Funding, type Notice, nameOf, type Payment, type Return } from './funding.ts';

/** As rows keep it. */
export const SANDBOX_CARD = 'sandbox card';

/** What can be wished for (SPEC 9.8). */
export const CARD_WISHES = [
  'success',
  'decline',
  'delay',
  'duplicate',
  'chargeback',
  'chargeback won',
  'withdrawal failed',
] as const;
export type CardWish = (typeof CARD_WISHES)[number];

function paid(payment: Payment): Notice {
  const { account, id, amountMicros } = payment;
  return { kind: 'paid', account, id, payment: nameOf(payment), amountMicros };
}

function disputed(payment: Payment, kind: 'disputed' | 'dispute lost' | 'dispute won'): Notice {
  const name = nameOf(payment);
  const { account, id, amountMicros } = payment;
  return { kind, account, id, payment: name, dispute: `dispute.${name}`, amountMicros };
}

/** What is told at once, and then each minute. */
function courseOf(payment: Payment): readonly (readonly Notice[])[] {
  const { account, id } = payment;
  switch (payment.reference) {
    case 'decline':
      return [[{ kind: 'failed', account, id }]];
    case 'delay':
      return [[]];
    case 'duplicate':
      return [[paid(payment), paid(payment)], [paid(payment)]];
    case 'chargeback':
      return [
        [paid(payment)],
        [disputed(payment, 'disputed')],
        [disputed(payment, 'dispute lost')],
      ];
    case 'chargeback won':
      return [[paid(payment)], [disputed(payment, 'disputed')], [disputed(payment, 'dispute won')]];
    default:
      return [[paid(payment)]];
  }
}

/** A card that was closed meanwhile takes the money, and a minute later it comes back. */
function courseBack(it: Return): readonly (readonly Notice[])[] {
  const { payment, name, amountMicros } = it;
  const { account, id } = payment;
  const told = (kind: 'withdrawn' | 'withdrawal failed'): Notice => {
    return { kind, account, id, name, amountMicros };
  };
  const withdrawn = [told('withdrawn')];
  return payment.reference === 'withdrawal failed'
    ? [withdrawn, [told('withdrawal failed')]]
    : [withdrawn];
}

/** One card for all. What it has yet to tell is in memory: play money is nobody's loss. */
export function createSandboxCard(): Funding {
  let courses: (readonly Notice[])[][] = [];
  const beginning = (course: readonly (readonly Notice[])[]) => {
    const [notices = [], ...later] = course;
    courses.push(later);
    return notices;
  };
  return {
    method: SANDBOX_CARD,
    begin: async (payment) => {
      return { reference: payment.reference ?? 'success', notices: beginning(courseOf(payment)) };
    },
    // Whatever was not told before is told now.
    ask: async (payment) =>
      payment.reference === 'delay' ? [paid(payment)] : (courseOf(payment)[0] ?? []),
    sendBack: async (it) => ({ reference: it.name, notices: beginning(courseBack(it)) }),
    askBack: async (it) => courseBack(it).flat(),
    seek: async (it) =>
      it.reference === undefined
        ? 'no return'
        : { reference: it.reference, notices: courseBack(it).flat() },
    settle: async () => {
      const notices = courses.flatMap(([next]) => next ?? []);
      courses = courses.map((course) => course.slice(1)).filter(({ length }) => length > 0);
      return notices;
    },
  };
}
