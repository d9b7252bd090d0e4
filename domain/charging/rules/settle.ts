/**
 * What of an order is to be in the ledger. An event only wakes: this compares what the provider says of all its payments now
 * with what was booked, so that an event that comes twice, late, out of order or never makes no difference.
 */

export interface PaymentWord {
  readonly id: string;
  readonly paidMicros: bigint;
  readonly refundedMicros: bigint;
  readonly disputedMicros: bigint;
  readonly lostMicros: bigint;
  readonly currency: string;
}

/** All payments of an order together, in the currency that was asked for. */
export interface OrderWord {
  readonly paidMicros: bigint;
  readonly refundedMicros: bigint;
  readonly disputedMicros: bigint;
  readonly lostMicros: bigint;
}

/** What was asked, and what of its credit the ledger has. Amounts never below 0. */
export interface OrderBooks {
  readonly chargeMicros: bigint;
  readonly chargeCurrency: string;
  readonly creditMicros: bigint;
  /** False: its period has not begun. */
  readonly creditIsDue: boolean;
  /** The kind under which its credit is booked. */
  readonly creditKind: 'top_up' | 'grant';
  /** It was paid whole once. */
  readonly wasPaid: boolean;
  readonly creditedMicros: bigint;
  readonly refundedCreditMicros: bigint;
  readonly disputedCreditMicros: bigint;
  /** Of its minutes, what nobody used in their period. */
  readonly expiredMicros: bigint;
}

export type ProblemCode =
  'other_currency' | 'paid_less' | 'paid_more' | 'taken_more' | 'paid_less_than_before';

/** What does not fit, for a person to decide. Never guessed: the money that it is about is not booked. */
export interface OrderProblem {
  readonly code: ProblemCode;
  /** Ids of payments, amounts: facts, not words. */
  readonly detail: string;
}

export interface OrderBooking {
  readonly kind: 'top_up' | 'grant' | 'refund' | 'dispute' | 'dispute_won';
  /** Of the free balance: above 0 in, below 0 out. */
  readonly amountMicros: bigint;
}

export interface Settlement {
  readonly word: OrderWord;
  /** What of the charge is ours. */
  readonly standingMicros: bigint;
  /** It was paid whole, now or before. */
  readonly wasPaid: boolean;
  readonly bookings: readonly OrderBooking[];
  readonly creditedMicros: bigint;
  readonly refundedCreditMicros: bigint;
  readonly disputedCreditMicros: bigint;
  readonly problem: OrderProblem | null;
}

/** The difference between what the provider says and what is booked. Applied, it is none. */
export function settle(order: OrderBooks, payments: readonly PaymentWord[]): Settlement {
  const foreign = payments.filter(
    ({ currency, paidMicros }) => currency !== order.chargeCurrency && paidMicros > 0n,
  );
  const own = payments.filter(({ currency }) => currency === order.chargeCurrency);
  const word = sumOf(own);
  const target = targetOf(order, word);
  const bookings: OrderBooking[] = [];
  const add = (kind: OrderBooking['kind'], amountMicros: bigint): void => {
    if (amountMicros !== 0n) bookings.push({ kind, amountMicros });
  };
  // What came in before what was taken of it: in this order the balance is never lower than it has to be.
  add(order.creditKind, target.credited - order.creditedMicros);
  add('refund', order.refundedCreditMicros - target.refunded);
  const disputed = target.disputed - order.disputedCreditMicros;
  add(disputed > 0n ? 'dispute' : 'dispute_won', -disputed);
  return {
    word,
    standingMicros: target.standing,
    wasPaid: order.wasPaid || word.paidMicros >= order.chargeMicros,
    bookings,
    creditedMicros: target.credited,
    refundedCreditMicros: target.refunded,
    disputedCreditMicros: target.disputed,
    problem: problemOf(order, word, foreign),
  };
}

function sumOf(payments: readonly PaymentWord[]): OrderWord {
  const sum = (field: (one: PaymentWord) => bigint): bigint =>
    payments.reduce((total, one) => total + field(one), 0n);
  return {
    paidMicros: sum((one) => one.paidMicros),
    refundedMicros: sum((one) => one.refundedMicros),
    disputedMicros: sum((one) => one.disputedMicros),
    lostMicros: sum((one) => one.lostMicros),
  };
}

interface Target {
  readonly standing: bigint;
  readonly credited: bigint;
  readonly refunded: bigint;
  readonly disputed: bigint;
}

/** What the ledger is to have. Money that came in beyond the charge is nobody's credit: what is taken back is of it first. */
function targetOf(order: OrderBooks, word: OrderWord): Target {
  const { chargeMicros, creditMicros } = order;
  // Whatever was paid once stays so: what the provider has no more was taken back.
  if (word.paidMicros < chargeMicros && !order.wasPaid) {
    return { standing: 0n, credited: 0n, refunded: 0n, disputed: 0n };
  }
  const gone = word.paidMicros < chargeMicros ? chargeMicros - word.paidMicros : 0n;
  const beyond = word.paidMicros > chargeMicros ? word.paidMicros - chargeMicros : 0n;
  const back = word.refundedMicros + gone;
  const refunded = between(back - beyond, chargeMicros);
  const stillBeyond = beyond > back ? beyond - back : 0n;
  const disputed = between(word.disputedMicros + word.lostMicros - stillBeyond, chargeMicros - refunded);
  const standing = chargeMicros - refunded - disputed;
  if (!order.creditIsDue) return { standing, credited: 0n, refunded: 0n, disputed: 0n };
  // Rounded down as one: parts that are rounded each would leave a unit of a credit whose money is gone.
  // Minutes that have expired are not taken a second time.
  const share = (ofMicros: bigint): bigint =>
    atLeast((creditMicros * ofMicros) / chargeMicros, order.expiredMicros);
  const kept = share(standing);
  const keptOfRefunds = share(chargeMicros - refunded);
  return {
    standing,
    credited: creditMicros,
    refunded: creditMicros - keptOfRefunds,
    disputed: keptOfRefunds - kept,
  };
}

function atLeast(amount: bigint, least: bigint): bigint {
  return amount > least ? amount : least;
}

function between(amount: bigint, most: bigint): bigint {
  if (amount < 0n) return 0n;
  return amount > most ? most : amount;
}

function problemOf(order: OrderBooks, word: OrderWord, foreign: readonly PaymentWord[]): OrderProblem | null {
  const { chargeMicros } = order;
  const [other] = foreign;
  if (other !== undefined) {
    return { code: 'other_currency', detail: `${other.id}: ${other.paidMicros} ${other.currency}` };
  }
  const { paidMicros } = word;
  const taken = word.refundedMicros + word.disputedMicros + word.lostMicros;
  if (order.wasPaid && paidMicros < chargeMicros) {
    return { code: 'paid_less_than_before', detail: `${paidMicros} < ${chargeMicros}` };
  }
  if (taken > paidMicros) return { code: 'taken_more', detail: `${taken} > ${paidMicros}` };
  if (paidMicros - taken > chargeMicros) {
    return { code: 'paid_more', detail: `${paidMicros - taken} > ${chargeMicros}` };
  }
  if (paidMicros > taken && paidMicros < chargeMicros) {
    return { code: 'paid_less', detail: `${paidMicros} < ${chargeMicros}` };
  }
  return null;
}
