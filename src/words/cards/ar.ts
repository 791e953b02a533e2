/** Money that comes from cards and goes back to them, in Arabic. */
export const cards = {
  cardWaits: 'في انتظار البطاقة: {amount}',
  cardWaitsNote: 'تصل النقود إلى هنا حالما تدفع البطاقة.',
  cardPage: 'تابع الدفع',
  cardFailed: 'لم تدفع البطاقة. لم يُخصم أي شيء.',
  moneyBack: 'استرداد نقودك',
  moneyBackNote: 'تعود إلى البطاقات التي جاءت منها خلال بضعة أيام. وما كان هدية يبقى هنا.',
  moneyBackSend: 'أعِد {amount}',
  moneyBackAsked: 'تم الطلب. إن لم ترد خدمة محفظتك، يُطلب مجددًا من تلقاء نفسه.',
  moneyBack_coming: '{amount} في طريقها إلى بطاقتك.',
  moneyBack_there: 'عادت {amount} إلى بطاقتك.',
  moneyBack_failed: 'لم تقبل إحدى البطاقات {amount}، فعادت إلى محفظتك.',
};
