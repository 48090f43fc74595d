import type { ApiDocument } from './document.ts';
import { element } from './element.ts';
import type { Session } from './session.ts';
import { layoutKey, operationCount, shownDocument, withPlainSlashes } from './shown-document.ts';

/** What the library hands over before it sends it, and takes back. It keeps all of it, with the answers. */
type LibraryRequest = RequestInit & { url: string; userFetch?: Send };

type Send = (url: string, request: RequestInit) => Promise<Response>;

/** As much of Swagger UI's configuration as is used here. */
type LibraryOptions = {
  readonly spec: ApiDocument;
  readonly domNode: HTMLElement;
  readonly docExpansion: 'none' | 'list';
  readonly requestInterceptor: (request: LibraryRequest) => LibraryRequest;
  readonly plugins: readonly object[];
  readonly [option: string]: unknown;
};

declare global {
  interface Window {
    SwaggerUIBundle?: (options: LibraryOptions) => Library;
  }
}

/** As much of what Swagger UI makes as is used here. */
type Library = { readonly layoutActions: { show(key: readonly string[], isOpen: boolean): void } };

export type Call = {
  /** As in the document, with its parameters in braces. */
  readonly path: string;
  /** As it is sent: `PUT`. */
  readonly method: string;
};

export type TryIt = {
  /** @param only of its path alone, with its own form open */
  show(document: ApiDocument, only: Call | undefined): Promise<void>;
  /** Lets go of the library with the calls and answers that it holds. */
  clear(): void;
};

/** @param address of the gateway, without a final slash */
export function createTryIt(place: HTMLElement, address: string, session: Session): TryIt {
  const send = sendAs(session, address);
  let shown = 0;
  return {
    clear: () => {
      shown += 1;
      place.replaceChildren();
    },
    show: async (document, only) => {
      shown += 1;
      const mine = shown;
      place.replaceChildren(element('p', { class: 'hint' }, 'Loading…'));
      const show = await loadLibrary();
      if (mine !== shown) return; // something else is shown since, or nobody is signed in any more
      if (show === undefined) {
        place.replaceChildren(
          element(
            'p',
            { class: 'notice' },
            'The part that tries calls is not installed: run npm ci, or npm run build.',
          ),
        );
        return;
      }
      const spec = shownDocument(document, address, only?.path);
      const domNode = element('div');
      place.replaceChildren(domNode);
      const library = show({
        spec,
        domNode,
        docExpansion: operationCount(spec) > 40 ? 'none' : 'list',
        requestInterceptor: (request) => {
          request.url = withPlainSlashes(spec, address, request.url);
          request.userFetch = send;
          return request;
        },
        ...plain,
      });
      if (only !== undefined) library.layoutActions.show(layoutKey(spec, only), true);
    },
  };
}

/**
 * Sends in the caller's name what the library has made, which does not see their token: it would keep it. The token goes
 * to the gateway and nowhere else, whatever a document names.
 */
const sendAs =
  (session: Session, address: string): Send =>
  async (url, request) => {
    if (!url.startsWith(`${address}/`)) throw new Error('This address is not the gateway’s.');
    const { authorization, credentials } = await session.credentials();
    const headers = new Headers(request.headers);
    if (authorization !== undefined) headers.set('Authorization', authorization);
    return await fetch(url, { ...request, headers, credentials });
  };

const hidden = () => () => null;

/** Nothing of it speaks to anybody else, keeps anything, or reads what to do from the page's address. */
const plain = {
  validatorUrl: null,
  persistAuthorization: false,
  queryConfigEnabled: false,
  deepLinking: false,
  showMutatedRequest: false, // the curl line is for others to see: without the token
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: -1,
  supportedSubmitMethods: ['get', 'put', 'post', 'delete', 'head', 'patch'],
  plugins: [{ wrapComponents: { InfoContainer: hidden, ServersContainer: hidden, authorizeBtn: hidden } }],
} as const;

let loading: Promise<Window['SwaggerUIBundle']> | undefined;

/** A script of 1.7 MB, which only those who try something need. */
function loadLibrary(): Promise<Window['SwaggerUIBundle']> {
  loading ??= new Promise((resolve) => {
    followColours();
    const script = element('script', { src: 'library/swagger-ui-bundle.js' });
    script.addEventListener('load', () => resolve(window.SwaggerUIBundle));
    script.addEventListener('error', () => resolve(undefined));
    const styles = element('link', { rel: 'stylesheet', href: 'library/swagger-ui.css' });
    document.head.prepend(styles); // before the page's own, which has the last word
    document.head.append(script);
  });
  return loading;
}

/** The library has a class for dark colours instead of asking the browser. */
function followColours(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
  dark.addEventListener('change', follow);
  follow();
}
