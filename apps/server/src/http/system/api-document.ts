import { Injectable } from '@nestjs/common';

/** The OpenAPI document, which can only be made when all routes are there. */
@Injectable()
export class ApiDocument {
  document: object = {};
}
