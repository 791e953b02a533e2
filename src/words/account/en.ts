/** The account at the wallet service, its files and its end, in English. */
export const account = {
  account: 'Your account at {host}',
  statement: 'Statement',
  statementNote: 'What was booked there: money in and out, purchases, and what you had after each.',
  held: 'Save all that is known of you there',
  noNetwork: 'This computer is offline.',
  leave: 'Close your account',
  leaveFirst: 'This has to end before:',
  leaveSpent: 'What you spent at {seller} is settled by {day}.',
  leaveEnds:
    'The wallet ends in all your browsers. No words, no passkey and no copy bring it back.',
  leaveStays: 'What was booked stays there, without a word on whose it was.',
  leaveRest: '{amount} is lost: a gift, or less than a cent.',
  leaveKeep: 'Keep it for the next wallet in this browser',
} as const;
