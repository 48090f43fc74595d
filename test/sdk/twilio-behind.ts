import twilio from 'twilio';

export type TwilioClient = ReturnType<typeof twilio>;

/**
 * Twilio's own client behind the gateway's path `/twilio`. It sends the Directus token as the password of Basic
 * credentials, and knows nothing else.
 */
export function twilioBehind(
  gateway: string,
  accountSid: string,
  directusToken: string,
  options: Parameters<typeof twilio>[2] = {},
): TwilioClient {
  const client = twilio(accountSid, directusToken, options);
  client.api.baseUrl = `${gateway}/twilio`;
  client.verify.baseUrl = `${gateway}/twilio/verify.twilio.com`;
  return client;
}
