import { begin } from '../../src/ui/begin.ts';
import { PageScreen } from '../../src/ui/page/page.tsx';

begin({ title: 'titlePage', screen: <PageScreen /> });
