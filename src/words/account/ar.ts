/** The account at the wallet service, its files and its end, in Arabic. */
export const account = {
  account: 'حسابك لدى {host}',
  statement: 'كشف الحساب',
  statementNote: 'ما سُجّل هناك: ما دخل من نقود وما خرج، والمشتريات، وما كان لديك بعد كل منها.',
  held: 'احفظ كل ما يُعرف عنك هناك',
  noNetwork: 'هذا الحاسوب غير متصل بالشبكة.',
  leave: 'إغلاق حسابك',
  leaveFirst: 'يجب أن ينتهي هذا أولًا:',
  leaveSpent: 'يُسوّى ما أنفقته لدى {seller} بحلول {day}.',
  leaveEnds: 'تنتهي المحفظة في كل متصفحاتك، ولا تعيدها كلمات ولا مفتاح مرور ولا نسخة.',
  leaveStays: 'يبقى ما سُجّل هناك، دون ذكر صاحبه.',
  leaveRest: 'تضيع {amount}: هدية أو أقل من سنت.',
  leaveKeep: 'احتفظ به للمحفظة التالية في هذا المتصفح',
};
