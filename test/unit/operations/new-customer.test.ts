import { describe, expect, it } from '@jest/globals';
import { newCustomer } from '../../../src/operations/new-customer.ts';
import { refusalOf } from '../refusal.ts';

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';

describe('a caller names a new customer', () => {
  const bodies: [string, string, string, object][] = [
    ['by email', json, '{"email":"a@b.c"}', { email: 'a@b.c' }],
    ['by email and name', json, '{"email":"a@b.c","name":"Ä"}', { email: 'a@b.c', name: 'Ä' }],
    ['with an empty name', json, '{"email":"a@b.c","name":""}', { email: 'a@b.c', name: '' }],
    ['for an item', json, '{"email":"a@b.c","item":"7f"}', { email: 'a@b.c', item: '7f' }],
    ['for an item whose key is a number', json, '{"email":"a@b.c","item":7}', { email: 'a@b.c', item: '7' }],
    ['in a form', form, 'email=a%40b.c&name=A+B&item=7', { email: 'a@b.c', name: 'A B', item: '7' }],
    ['in a form with its charset', `${form}; charset=utf-8`, 'email=x', { email: 'x' }],
  ];
  it.each(bodies)('%s', (_how, type, body, expected) => {
    expect(newCustomer(body, type)).toEqual(expected);
  });
});

describe('a caller is told what is wrong with a new customer', () => {
  const bodies: [string, string, string, string][] = [
    ['no email', json, '{}', '"email" is required'],
    ['an empty email', json, '{"email":""}', '"email" is required'],
    ['an email that is no text', json, '{"email":["a@b.c"]}', '"email" is required'],
    ['no object', json, '[]', '"email" is required'],
    ['null', json, 'null', '"email" is required'],
    ['a name that is no text', json, '{"email":"x","name":1}', '"name" must be text'],
    ['a name of null', json, '{"email":"x","name":null}', '"name" must be text'],
    ['an empty item', json, '{"email":"x","item":""}', '"item" must be the key of an item'],
    ['an item of null', json, '{"email":"x","item":null}', '"item" must be the key of an item'],
    ['an item that is half a number', json, '{"email":"x","item":1.5}', '"item" must be the key of an item'],
    ['an item that is not exact', json, '{"email":"x","item":9007199254740993}', '"item" must be the key of an item'],
    ['a list of items', json, '{"email":"x","item":["1"]}', '"item" must be the key of an item'],
    ['anything else', json, '{"email":"x","phone":"1"}', '"phone" is not allowed; use /stripe/v1/customers'],
    ['something nested', form, 'email=x&metadata[a]=1', '"metadata[a]" is not allowed; use /stripe/v1/customers'],
    ['a parameter twice', form, 'email=x&email=y', 'A parameter is given twice'],
    ['a parameter twice, once encoded', form, 'email=x&%65mail=y', 'A parameter is given twice'],
    ['no JSON', json, 'email=x', 'The body is not valid JSON'],
  ];
  it.each(bodies)('%s', (_what, type, body, reason) => {
    const refusal = refusalOf(() => newCustomer(body, type));
    expect([refusal.code, refusal.extensions]).toEqual(['INVALID_PAYLOAD', { reason }]);
  });

  it.each([undefined, 'text/plain', 'multipart/form-data; boundary=x', 'application/json5'])('type %s', (type) => {
    expect(refusalOf(() => newCustomer('{"email":"x"}', type)).code).toBe('UNSUPPORTED_MEDIA_TYPE');
  });
});
