import { begin } from '../../src/ui/begin.ts';
import { WelcomeScreen } from '../../src/ui/welcome/welcome.tsx';

begin({ screen: <WelcomeScreen /> });
