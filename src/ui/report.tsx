/** *Report a problem*, where there is no room for the report itself: the page has it. */
import { Button } from '../design/button.tsx';
import { closeScreen, openPage } from '../extension/screen.ts';
import { say } from '../words/say.ts';

export function ReportLink({ paymentId }: { readonly paymentId: string }) {
  const open = () => void openPage(`/page.html?report=${paymentId}`).then(closeScreen);
  return (
    <Button kind="link" onPress={open}>
      {say('report')}
    </Button>
  );
}
