/** An amount: its signs and figures keep their order also between words that run the other way. */
export function Amount({ children }: { readonly children: string }) {
  return (
    <bdi dir="ltr" class="amount">
      {children}
    </bdi>
  );
}
