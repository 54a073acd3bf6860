// Made from the API's description: UPDATE_API_TYPES=1 npm test -- test/web/api-types.test.ts

export interface paths {
  '/livez': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Is the process well?
     * @description 503 once it is stopping.
     */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Is the process well? */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              status: 'ok' | 'degraded' | 'unavailable'
              checks: {
                /**
                 * @description history: ended calls are kept for searches; audit: changes are written to the history (GET /v1/history)
                 * @enum {unknown}
                 */
                name: 'sip' | 'draining' | 'routes' | 'cdr' | 'history' | 'audit' | 'recovery' | 'media'
                ok: boolean
                /** @description degraded: calls go on without it; failed: no calls are taken */
                state: 'ok' | 'degraded' | 'failed'
                /** @description Why */
                detail?: string
              }[]
            }
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable: Is the process well? */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              status: 'ok' | 'degraded' | 'unavailable'
              checks: {
                /**
                 * @description history: ended calls are kept for searches; audit: changes are written to the history (GET /v1/history)
                 * @enum {unknown}
                 */
                name: 'sip' | 'draining' | 'routes' | 'cdr' | 'history' | 'audit' | 'recovery' | 'media'
                ok: boolean
                /** @description degraded: calls go on without it; failed: no calls are taken */
                state: 'ok' | 'degraded' | 'failed'
                /** @description Why */
                detail?: string
              }[]
            }
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/readyz': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Does it take calls?
     * @description 200 while it does, also when it goes on without a part, such as Redis: the status is degraded then. 503 when it does not: while it starts or drains, without SIP, without any routing table.
     */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Does it take calls? */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              status: 'ok' | 'degraded' | 'unavailable'
              checks: {
                /**
                 * @description history: ended calls are kept for searches; audit: changes are written to the history (GET /v1/history)
                 * @enum {unknown}
                 */
                name: 'sip' | 'draining' | 'routes' | 'cdr' | 'history' | 'audit' | 'recovery' | 'media'
                ok: boolean
                /** @description degraded: calls go on without it; failed: no calls are taken */
                state: 'ok' | 'degraded' | 'failed'
                /** @description Why */
                detail?: string
              }[]
            }
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable: Does it take calls? */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              status: 'ok' | 'degraded' | 'unavailable'
              checks: {
                /**
                 * @description history: ended calls are kept for searches; audit: changes are written to the history (GET /v1/history)
                 * @enum {unknown}
                 */
                name: 'sip' | 'draining' | 'routes' | 'cdr' | 'history' | 'audit' | 'recovery' | 'media'
                ok: boolean
                /** @description degraded: calls go on without it; failed: no calls are taken */
                state: 'ok' | 'degraded' | 'failed'
                /** @description Why */
                detail?: string
              }[]
            }
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/session': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Who this request is from, and how to sign in */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Who this request is from, and how to sign in */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Session']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/sign-in': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Sign in with a name and a password
     * @description The answer sets the cookie of a session (HttpOnly, SameSite=Lax, Secure beyond the loopback), which a request may have in the place of a token. A wrong name and a wrong password are not told apart.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "name": "ann@example.com",
           *       "password": "correct horse battery"
           *     }
           */
          'application/json': {
            name: string
            password: string
          }
        }
      }
      responses: {
        /** @description No Content: Sign in with a name and a password */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/sign-out': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** End this session, or all of the person */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "everywhere": true
           *     }
           */
          'application/json': {
            /** @description All sessions of the person, on every Baton */
            everywhere?: boolean
          }
        }
      }
      responses: {
        /** @description No Content: End this session, or all of the person */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/session/password': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /**
     * Change one’s own password
     * @description All other sessions of the person end at once; this one is begun anew, and its old cookie ends in 5 seconds.
     */
    put: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "current": "correct horse battery",
           *       "password": "a longer staple of words"
           *     }
           */
          'application/json': {
            current: string
            password: string
          }
        }
      }
      responses: {
        /** @description No Content: Change one’s own password */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/sign-in/oidc': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Sign in with the OpenID provider, by a browser */
    get: {
      parameters: {
        query?: {
          /**
           * @description The page to come back to
           * @example /p/demo/handoffs
           */
          to?: string
        }
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description To the provider, or back to the pages */
        302: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': unknown
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/sign-in/oidc/callback': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Where the OpenID provider sends the browser back to */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description To the provider, or back to the pages */
        302: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': unknown
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/people': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The people who may sign in */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: The people who may sign in */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              people: components['schemas']['Person'][]
            }
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    /**
     * Add a person
     * @description Once there is a person, a sign-in is needed; the first one must be an admin for all projects.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "name": "ann@example.com",
           *       "password": "correct horse battery",
           *       "role": "operator",
           *       "projects": [
           *         "demo"
           *       ]
           *     }
           */
          'application/json': {
            /** @description Such as ann or ann@example.com */
            name: string
            password: string
            /** @enum {unknown} */
            role: 'viewer' | 'operator' | 'publisher' | 'admin'
            /** @description Left out: all projects */
            projects?: string[]
            /** @description The role in each of these projects, in the place of `role`; of `projects`, where that is given */
            projectRoles?: {
              [key: string]: 'viewer' | 'operator' | 'publisher' | 'admin'
            }
          }
        }
      }
      responses: {
        /** @description Created: Add a person */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Person']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/people/{name}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /**
     * Remove a person
     * @description Ends the person’s sessions.
     */
    delete: {
      parameters: {
        query?: never
        header?: never
        path: {
          /** @example ann@example.com */
          name: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description No Content: Remove a person */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    options?: never
    head?: never
    /**
     * Change a person’s role or projects
     * @description In force at once, also for sessions that have begun. A project that is taken away takes its role along.
     */
    patch: {
      parameters: {
        query?: never
        header?: never
        path: {
          /** @example ann@example.com */
          name: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "role": "viewer",
           *       "projects": null,
           *       "projectRoles": {
           *         "demo": "operator"
           *       }
           *     }
           */
          'application/json': {
            /** @enum {unknown} */
            role?: 'viewer' | 'operator' | 'publisher' | 'admin'
            /** @description null: all projects */
            projects?: string[] | null
            /** @description null: `role` counts in all projects */
            projectRoles?: {
              [key: string]: 'viewer' | 'operator' | 'publisher' | 'admin'
            } | null
          }
        }
      }
      responses: {
        /** @description OK: Change a person’s role or projects */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Person']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    trace?: never
  }
  '/v1/people/{name}/password': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /**
     * Set a person’s password
     * @description Ends the person’s sessions.
     */
    put: {
      parameters: {
        query?: never
        header?: never
        path: {
          /** @example ann@example.com */
          name: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "password": "correct horse battery"
           *     }
           */
          'application/json': {
            password: string
          }
        }
      }
      responses: {
        /** @description No Content: Set a person’s password */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/tokens': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** API tokens, newest first */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: API tokens, newest first */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              tokens: components['schemas']['Token'][]
            }
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    /**
     * Make an API token
     * @description The answer has the token, which is shown this once; only its hash is stored.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "name": "agent-platform",
           *       "role": "agent",
           *       "projects": [
           *         "demo"
           *       ]
           *     }
           */
          'application/json': {
            /** @description Such as ann or ann@example.com */
            name: string
            /**
             * @description agent: it may transfer calls, and nothing else; context: it may read contexts, and nothing else
             * @enum {unknown}
             */
            role: 'agent' | 'context' | 'viewer' | 'operator' | 'publisher' | 'admin'
            /** @description Left out: all projects */
            projects?: string[]
            /** @description The role in each of these projects, in the place of `role`; of `projects`, where that is given */
            projectRoles?: {
              [key: string]: 'agent' | 'context' | 'viewer' | 'operator' | 'publisher' | 'admin'
            }
            /**
             * Format: date-time
             * @description Left out: it does not expire
             */
            expiresAt?: string
          }
        }
      }
      responses: {
        /** @description Created: Make an API token */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['NewToken']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/tokens/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Revoke an API token */
    delete: {
      parameters: {
        query?: never
        header?: never
        path: {
          /** @example 4c1d9f */
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description No Content: Revoke an API token */
        204: {
          headers: {
            [name: string]: unknown
          }
          content?: never
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/history': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Every change: who, from where, what before and after, refused ones too; newest first
     * @description Changes of people and tokens are for admins. Of a principal with some projects only, what concerns these is shown.
     */
    get: {
      parameters: {
        query?: {
          /** @example demo */
          project?: string
          /** @example ann@example.com */
          who?: string
          /** @example refused */
          result?: 'done' | 'refused' | 'failed'
          /**
           * @description A part of the action, or of the path
           * @example promote
           */
          text?: string
          /**
           * @description At this time or later
           * @example 2026-03-01T09:00:00Z
           */
          from?: string
          /**
           * @description Before this time
           * @example 2026-03-02T09:00:00Z
           */
          to?: string
          /**
           * @description 100 when left out; of an export: all
           * @example 50
           */
          limit?: number
          /**
           * @description The `next` of the answer before
           * @example 2026-03-01T09:00:00.000Z-17
           */
          cursor?: string
          /**
           * @description json has pages; the others are for export, whole
           * @example csv
           */
          format?: 'json' | 'ndjson' | 'csv'
        }
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Every change: who, from where, what before and after, refused ones too; newest first */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              history: components['schemas']['AuditEntry'][]
              /** @description The cursor of the entries before these */
              next?: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/doctor': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What is wrong with this Baton: settings, machine, Redis, certificates, targets, clocks, numbers
     * @description ok is false when a finding has failed; warnings leave it true. The same as `npx baton doctor`.
     */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: What is wrong with this Baton: settings, machine, Redis, certificates, targets, clocks, numbers */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Checkup']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    /**
     * The same, after every agent, gateway and handoff’s host was asked by OPTIONS
     * @description ok is false when a finding has failed; warnings leave it true. The same as `npx baton doctor`.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: The same, after every agent, gateway and handoff’s host was asked by OPTIONS */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Checkup']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/calls': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Live and ended calls, newest first; as CSV with Accept: text/csv
     * @description Calls of before a restart are found, too, as far as HISTORY_DAYS and HISTORY_SIZE keep them. Pages by cursor stay the same while calls come and go.
     */
    get: {
      parameters: {
        query?: {
          /**
           * @description live: every state but ended
           * @example live
           */
          state?: 'setup' | 'connected' | 'transferring' | 'bridged' | 'ended' | 'live'
          /** @example demo */
          project?: string
          /** @example live */
          environment?: string
          /**
           * @description A part of the caller’s number or URI, or of the called number; blanks and dashes count for nothing
           * @example +1 415 555-0123
           */
          number?: string
          /**
           * @description Of the call, or of one of its transfers
           * @example failed
           */
          result?: string
          /**
           * @description Of the call, or of the transfer that has the result; `none`: it has no reason
           * @example busy
           */
          reason?: string
          /**
           * @description One of its transfers was to this handoff, or tried it
           * @example front-desk
           */
          handoff?: string
          /**
           * @description Of such a transfer; `none`: nothing was tried
           * @example refer
           */
          method?: 'refer' | 'invite' | 'bye' | 'none'
          /**
           * @description The agent’s URI; `none`: no agent was found
           * @example sip:agent@192.0.2.20
           */
          agent?: string
          /**
           * @description The trunk’s name; `none`: no trunk
           * @example carrier
           */
          trunk?: string
          /**
           * @description The version of the routing table
           * @example 7
           */
          version?: number
          /**
           * @description false: calls of rehearsals are left out
           * @example false
           */
          rehearsals?: boolean
          /**
           * @description Began then or later
           * @example 2026-03-01T09:00:00Z
           */
          from?: string
          /**
           * @description Began before
           * @example 2026-03-01T09:00:00Z
           */
          to?: string
          /**
           * @description nextCursor of the page before; the other filters stay the same
           * @example 1772355600000.3f0c2a52
           */
          cursor?: string
          /**
           * @description 100 when left out
           * @example 50
           */
          limit?: number
        }
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Live and ended calls, newest first; as CSV with Accept: text/csv */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              calls: components['schemas']['Call'][]
              /** @description Asks for the calls after these; left out on the last page */
              nextCursor?: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/calls.csv': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Live and ended calls as CSV, newest first */
    get: {
      parameters: {
        query?: {
          /**
           * @description live: every state but ended
           * @example live
           */
          state?: 'setup' | 'connected' | 'transferring' | 'bridged' | 'ended' | 'live'
          /** @example demo */
          project?: string
          /** @example live */
          environment?: string
          /**
           * @description A part of the caller’s number or URI, or of the called number; blanks and dashes count for nothing
           * @example +1 415 555-0123
           */
          number?: string
          /**
           * @description Of the call, or of one of its transfers
           * @example failed
           */
          result?: string
          /**
           * @description Of the call, or of the transfer that has the result; `none`: it has no reason
           * @example busy
           */
          reason?: string
          /**
           * @description One of its transfers was to this handoff, or tried it
           * @example front-desk
           */
          handoff?: string
          /**
           * @description Of such a transfer; `none`: nothing was tried
           * @example refer
           */
          method?: 'refer' | 'invite' | 'bye' | 'none'
          /**
           * @description The agent’s URI; `none`: no agent was found
           * @example sip:agent@192.0.2.20
           */
          agent?: string
          /**
           * @description The trunk’s name; `none`: no trunk
           * @example carrier
           */
          trunk?: string
          /**
           * @description The version of the routing table
           * @example 7
           */
          version?: number
          /**
           * @description false: calls of rehearsals are left out
           * @example false
           */
          rehearsals?: boolean
          /**
           * @description Began then or later
           * @example 2026-03-01T09:00:00Z
           */
          from?: string
          /**
           * @description Began before
           * @example 2026-03-01T09:00:00Z
           */
          to?: string
          /**
           * @description nextCursor of the page before; the other filters stay the same
           * @example 1772355600000.3f0c2a52
           */
          cursor?: string
          /**
           * @description 100000 when left out
           * @example 1000
           */
          limit?: number
        }
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description text/csv (RFC 4180), with a header line */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': unknown
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/analytics/transfers': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Ended transfers by result, over time and by label, and the times to a person; rehearsals are left out */
    get: {
      parameters: {
        query?: {
          /**
           * @description A day before `to` when left out
           * @example 2026-03-01T00:00:00Z
           */
          from?: string
          /**
           * @description Now when left out
           * @example 2026-03-02T00:00:00Z
           */
          to?: string
          /**
           * @description With commas between: handoff,method,reason,trunk,agent,version
           * @example handoff,method
           */
          by?: string
          /**
           * @description Seconds of one point of the series
           * @example 3600
           */
          step?: number
          /** @example demo */
          project?: string
          /** @example live */
          environment?: string
          /**
           * @description Whether those of rehearsals count as well
           * @example true
           */
          rehearsals?: boolean
        }
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Ended transfers by result, over time and by label, and the times to a person; rehearsals are left out */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              from: string
              to: string
              step: number
              count: number
              results: {
                succeeded: number
                failed: number
                abandoned: number
                unknown: number
              }
              /** @description Seconds from the request to the answer, of transfers that succeeded */
              timeToPerson: {
                count: number
                p50: number | null
                p90: number | null
                p99: number | null
                buckets: {
                  below: number | null
                  count: number
                }[]
              }
              series: {
                /** Format: date-time */
                at: string
                succeeded: number
                failed: number
                abandoned: number
                unknown: number
              }[]
              groups: {
                labels: {
                  [key: string]: string | number
                }
                count: number
                results: {
                  succeeded: number
                  failed: number
                  abandoned: number
                  unknown: number
                }
                /** @description Seconds from the request to the answer, of transfers that succeeded */
                timeToPerson: {
                  count: number
                  p50: number | null
                  p90: number | null
                  p99: number | null
                  buckets: {
                    below: number | null
                    count: number
                  }[]
                }
                series: {
                  /** Format: date-time */
                  at: string
                  succeeded: number
                  failed: number
                  abandoned: number
                  unknown: number
                }[]
              }[]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/calls/{call}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** One call, with its transfers, attempts and evidence */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Baton’s id of the call (X-Baton-Call-Id)
           * @example 3f0c2a52-7d1e-4a53-9b0b-6f6d0b1f7a11
           */
          call: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: One call, with its transfers, attempts and evidence */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Call']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/calls/{call}/ladder': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Every SIP message of the call, all legs, in order; as a drawing with Accept: text/plain */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Baton’s id of the call (X-Baton-Call-Id)
           * @example 3f0c2a52-7d1e-4a53-9b0b-6f6d0b1f7a11
           */
          call: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Every SIP message of the call, all legs, in order; as a drawing with Accept: text/plain */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Ladder']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/calls/{call}/media': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Where media went: the session descriptions of each leg, and who was to exchange media with whom, when
     * @description Read from the ladder when it is asked for. What was agreed over SIP: whether packets arrived is not known. After a REFER, the caller’s new call does not pass Baton.
     */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Baton’s id of the call (X-Baton-Call-Id)
           * @example 3f0c2a52-7d1e-4a53-9b0b-6f6d0b1f7a11
           */
          call: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Where media went: the session descriptions of each leg, and who was to exchange media with whom, when */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Media']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/calls/{call}/pcap': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The ladder of the call as a capture file, for Wireshark and sngrep
     * @description UDP datagrams and TCP segments in Ethernet frames. Messages of TLS and WebSocket connections are TCP in clear. What is masked in the ladder is masked here.
     */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Baton’s id of the call (X-Baton-Call-Id)
           * @example 3f0c2a52-7d1e-4a53-9b0b-6f6d0b1f7a11
           */
          call: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description application/vnd.tcpdump.pcap, with times in microseconds */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': unknown
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/calls/{call}/transfer': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Hand the caller off
     * @description Answers as soon as the transfer is under way; its outcome comes as the event transfer.ended and in the call. While one runs, the same handoff joins it, and another is refused with 409.
     */
    post: {
      parameters: {
        query?: never
        header?: {
          /** @example 5b0e4f9e-transfer-1 */
          'idempotency-key'?: string
        }
        path: {
          /**
           * @description Baton’s id of the call (X-Baton-Call-Id)
           * @example 3f0c2a52-7d1e-4a53-9b0b-6f6d0b1f7a11
           */
          call: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "handoff": "front-desk",
           *       "variables": {
           *         "account": "1001"
           *       },
           *       "reason": "wants to change a booking",
           *       "context": {
           *         "booking": "H-4711",
           *         "nights": 2
           *       }
           *     }
           */
          'application/json': {
            /** @description A name in the call’s table; the default handoff is taken for one it does not have */
            handoff: string
            /** @description X- headers, merged over the handoff’s */
            headers?: {
              [key: string]: string
            }
            /** @description Values for header templates */
            variables?: {
              [key: string]: string
            }
            /** @description Why, in the agent’s words: $reason */
            reason?: string
            /** @description what the caller hears from the beginning of the transfer until the person answers: an audio file of the project such as "music.wav", `silence`, or `agent` (it stays with the agent) */
            hold_music?: string
            /**
             * @description blind (the caller is moved as soon as the destination answers) or warm (the agent can introduce the caller first); a warm transfer is always bridged by INVITE
             * @default blind
             * @enum {unknown}
             */
            mode?: 'blind' | 'warm'
            /** @description what the person who answers hears alone, before the caller: an audio file of the project such as "sales.wav", or a text to be spoken, such as "Call from $caller_name about $reason" */
            announce?: string
            /** @description the person who answers accepts or declines the caller by a digit: { digits, timeout } */
            accept?: {
              /** @description digits and what each means, accept or decline, such as { "1": accept, "2": decline } */
              digits?: {
                [key: string]: 'accept' | 'decline'
              }
              /**
               * @description seconds that the person has to press a digit once the announcement is over, 1 to 120
               * @default 15
               */
              timeout?: number
            }
            /**
             * @description true: a person must accept by a digit, so that no voicemail gets the caller; `true` or `false` (without a digit the caller is put through)
             * @default false
             */
            require_accept?: boolean
            /**
             * @description seconds that the agent stays when the caller is with the person, for mode warm, 0 to 300
             * @default 0
             */
            introduce?: number
            /** @description digits that are pressed when the destination has answered, such as "w1234#" for an extension: 0-9, *, #, A-D, and w for a pause of half a second */
            send_digits?: string
            /**
             * @description what of the caller's talk with the person is recorded, off, caller, both, stop_at_handoff, from_handoff; as the project says otherwise
             * @enum {unknown}
             */
            recording?: 'off' | 'caller' | 'both' | 'stop_at_handoff' | 'from_handoff'
            /** @description Any JSON of at most 64 KB for the person who takes the caller over. It is kept with `variables` and `reason`; the destination gets its id, for GET /v1/context/{id} */
            context?: unknown
          }
        }
      }
      responses: {
        /** @description Accepted: Hand the caller off */
        202: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              transferId: string
              /** @description The same handoff was already under way */
              joined: boolean
              /** @description What was given along is at /v1/context/{contextId} */
              contextId?: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/calls/{call}/transfer/cancel': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Call the running transfer off
     * @description A destination that rings is cancelled and the caller stays with the agent: failed, cancelled. A REFER that was accepted cannot be called back: its outcome is unknown.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Baton’s id of the call (X-Baton-Call-Id)
           * @example 3f0c2a52-7d1e-4a53-9b0b-6f6d0b1f7a11
           */
          call: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description Accepted: Call the running transfer off */
        202: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              transferId: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/calls/{call}/transfer/accept': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Accept the caller in the place of the person who has answered
     * @description While the person hears the announcement, or is to press a digit; 409 before and after that.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Baton’s id of the call (X-Baton-Call-Id)
           * @example 3f0c2a52-7d1e-4a53-9b0b-6f6d0b1f7a11
           */
          call: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description Accepted: Accept the caller in the place of the person who has answered */
        202: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              transferId: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/calls/{call}/transfer/decline': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Decline the caller in the place of the person who has answered
     * @description While the person hears the announcement, or is to press a digit; 409 before and after that.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Baton’s id of the call (X-Baton-Call-Id)
           * @example 3f0c2a52-7d1e-4a53-9b0b-6f6d0b1f7a11
           */
          call: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description Accepted: Decline the caller in the place of the person who has answered */
        202: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              transferId: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/calls/{call}/recording': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Start, pause, resume or stop the recording of the call
     * @description What is asked for here holds for the rest of the call, whatever its project and handoffs say. Only where media of the present party goes through an rtpengine: 409 otherwise. A recording that is resumed goes on in a further file. With `recording_notice`, the first recording begins after it: the answer has the state notice then, and the event call.recording tells of each later one.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Baton’s id of the call (X-Baton-Call-Id)
           * @example 3f0c2a52-7d1e-4a53-9b0b-6f6d0b1f7a11
           */
          call: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "action": "pause"
           *     }
           */
          'application/json': {
            /**
             * @description start, pause, resume or stop
             * @enum {unknown}
             */
            action: 'start' | 'pause' | 'resume' | 'stop'
          }
        }
      }
      responses: {
        /** @description notice: the caller is being told of the recording, which begins then */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Recording']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Bad Gateway */
        502: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/calls/{call}/state': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Note a state of the call in the words of the agent’s platform
     * @description Such as `verified`, or `wants-refund`. The last 20 are in the call, in the event call.state, and in the context of its transfers, for the person who takes the caller over.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Baton’s id of the call (X-Baton-Call-Id)
           * @example 3f0c2a52-7d1e-4a53-9b0b-6f6d0b1f7a11
           */
          call: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "state": "verified",
           *       "detail": "The caller has given the booking’s number"
           *     }
           */
          'application/json': {
            state: string
            detail?: string
          }
        }
      }
      responses: {
        /** @description OK: Note a state of the call in the words of the agent’s platform */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              states: components['schemas']['AgentState'][]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/calls/{call}/hangup': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** End a call */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Baton’s id of the call (X-Baton-Call-Id)
           * @example 3f0c2a52-7d1e-4a53-9b0b-6f6d0b1f7a11
           */
          call: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description Accepted: End a call */
        202: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              id: string
              /** @enum {unknown} */
              state: 'setup' | 'connected' | 'transferring' | 'bridged' | 'ended'
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/context/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What an agent gave along with a transfer
     * @description By the id that came with the call (X-Baton-Context), for CONTEXT_TTL after the transfer began. A token of the role `context` may do this and nothing else.
     */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /** @example kq3pQzJ2TV6d0mXbQ9x0Yw */
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: What an agent gave along with a transfer */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Context']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/context/by-caller/{number}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What an agent gave along for a caller, by the caller’s number
     * @description The newest of the last minute, for desktops that see nothing but the number.
     */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /** @example +14155550123 */
          number: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: What an agent gave along for a caller, by the caller’s number */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Context']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/context/by-number/{number}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What an agent gave along, by the number of a pool that the caller was sent to
     * @description For a destination that takes no headers: the handoff has a `pool`, whose numbers each lead to one transfer.
     */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /** @example +14155550180 */
          number: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: What an agent gave along, by the number of a pool that the caller was sent to */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Context']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/events': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Calls, transfers and promotions as server-sent events
     * @description Each has id:, event: (its type) and data: (JSON). A reader that comes back with Last-Event-ID gets what it missed, as far as it is kept. One that does not read is cut off; one whose session or token ends, or whose role changes, is ended at once.
     */
    get: {
      parameters: {
        query?: {
          /**
           * @description Only these, with commas between
           * @example call.ended,transfer.ended
           */
          type?: string
          /** @example demo */
          project?: string
          /** @example 3f0c2a52-7d1e-4a53-9b0b-6f6d0b1f7a11 */
          callId?: string
          /**
           * @description The same as the header Last-Event-ID
           * @example 41
           */
          lastEventId?: number
        }
        header?: {
          /** @example 41 */
          'last-event-id'?: number
        }
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description text/event-stream */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': unknown
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Every project */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Every project */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              projects: components['schemas']['Project'][]
            }
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** One project: its environments and what they run */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: One project: its environments and what they run */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Project']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    /**
     * Store a project file
     * @description Its table becomes the draft; its environments become the drafts of their settings. Nothing that runs changes: `changes` says what a promotion would change in each environment. With If-Match (the ETag of the file), a lost race is 412.
     */
    put: {
      parameters: {
        query?: never
        header?: {
          /** @example "sha256:5d41402abc4b2a76" */
          'if-match'?: string
        }
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      /** @description a project file */
      requestBody: {
        content: {
          /**
           * @example {
           *       "project": "demo",
           *       "environments": {
           *         "live": {
           *           "numbers": [
           *             "+14155550100"
           *           ],
           *           "agents": [
           *             "sip:agent@192.0.2.20"
           *           ],
           *           "variables": {
           *             "region": "west"
           *           }
           *         }
           *       },
           *       "table": {
           *         "handoffs": [
           *           {
           *             "name": "front-desk",
           *             "description": "Reception, day and night",
           *             "default": true,
           *             "method": "refer",
           *             "route": "sip:front-desk@pbx.example",
           *             "headers": {
           *               "X-Caller": "$caller_id"
           *             },
           *             "on_failure": []
           *           }
           *         ],
           *         "schedules": [
           *           {
           *             "name": "office-hours",
           *             "time_zone": "Europe/Berlin",
           *             "weekly": {
           *               "mon": [
           *                 "09:00-17:30"
           *               ],
           *               "fri": [
           *                 "09:00-15:00"
           *               ]
           *             }
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': components['schemas']['ProjectFile']
          /**
           * @example {
           *       "project": "demo",
           *       "environments": {
           *         "live": {
           *           "numbers": [
           *             "+14155550100"
           *           ],
           *           "agents": [
           *             "sip:agent@192.0.2.20"
           *           ],
           *           "variables": {
           *             "region": "west"
           *           }
           *         }
           *       },
           *       "table": {
           *         "handoffs": [
           *           {
           *             "name": "front-desk",
           *             "description": "Reception, day and night",
           *             "default": true,
           *             "method": "refer",
           *             "route": "sip:front-desk@pbx.example",
           *             "headers": {
           *               "X-Caller": "$caller_id"
           *             },
           *             "on_failure": []
           *           }
           *         ],
           *         "schedules": [
           *           {
           *             "name": "office-hours",
           *             "time_zone": "Europe/Berlin",
           *             "weekly": {
           *               "mon": [
           *                 "09:00-17:30"
           *               ],
           *               "fri": [
           *                 "09:00-15:00"
           *               ]
           *             }
           *           }
           *         ]
           *       }
           *     }
           */
          'application/yaml': components['schemas']['ProjectFile']
        }
      }
      responses: {
        /** @description OK: Store a project file */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              project: string
              /** @description Those of the project file beside environments and table */
              settings: Record<string, unknown>
              draft: {
                digest: string
              }
              /** @description 0 before the first is published */
              lastVersion: number
              /** @description Of the whole project file: its ETag */
              digest: string
              environments: {
                [key: string]: {
                  /** @description the name of the handoff that callers get when no agent answers; that of the project otherwise */
                  agent_down?: string
                  /**
                   * @description may an agent ask for a raw number or URI; `true` or `false`
                   * @default false
                   */
                  adhoc?: boolean
                  /** @description beginnings of numbers and URIs that an agent may never ask for, such as "+1900" */
                  adhoc_deny?: string[]
                  /** @description beginnings of numbers that an agent may ask for though they are premium, satellite or a fraud range, such as "+8816" */
                  adhoc_allow?: string[]
                  /** @description private hosts that an agent may ask for, such as "10.0.0.9", or "10.0.0.9:5070" for one port; those of handoffs and gateways it may */
                  adhoc_hosts?: string[]
                  /**
                   * @description may an agent call a handoff itself, to ask first; `true` or `false`
                   * @default true
                   */
                  consult?: boolean
                  /**
                   * @description what of each call is recorded, off, caller, both, stop_at_handoff, from_handoff: both from the agent's answer to the end, stop_at_handoff with the agent, from_handoff with the person
                   * @default off
                   * @enum {unknown}
                   */
                  recording?: 'off' | 'caller' | 'both' | 'stop_at_handoff' | 'from_handoff'
                  /** @description what the caller hears before anything is recorded: an audio file of the project such as "notice.wav", or a text to be spoken */
                  recording_notice?: string
                  /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
                  project_limit?: {
                    /** @description calls at once, 1 to 1000000 */
                    calls?: number
                    /** @description new calls a second, 1 to 100000 */
                    cps?: number
                    /** @description seconds that a call waits for room, 0 (none) to 600 */
                    queue?: number
                  }
                  /** @description a list of E.164 numbers in quotes, such as ["+14155550100"] */
                  numbers?: string[]
                  /** @description a list of SIP URIs of agents, such as ["sip:agent@127.0.0.1:5090"] */
                  agents?: (
                    | string
                    | {
                        /** @description a SIP URI such as "sip:agent@127.0.0.1:5090" */
                        uri: string
                        /** @description lower ones are tried first (RFC 2782), 0 to 65535; 0 without it */
                        priority?: number
                        /** @description the share of calls among those of equal priority (RFC 2782), 0 to 65535 */
                        weight?: number
                        /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
                        limit?: {
                          /** @description calls at once, 1 to 1000000 */
                          calls?: number
                          /** @description new calls a second, 1 to 100000 */
                          cps?: number
                          /** @description seconds that a call waits for room, 0 (none) to 600 */
                          queue?: number
                        }
                      }
                  )[]
                  /**
                   * @description seconds in which an agent must send a response to the INVITE, 100 included, before the next is tried, 0 (no limit) to 60
                   * @default 3
                   */
                  progress_timeout?: number
                  /** @description how OPTIONS asks whether it is well: { interval, timeout, down_after, up_after, ok, back_off } */
                  probe?: {
                    /** @description seconds between two OPTIONS, 0 (off) to 86400; `probe_interval` of Baton decides otherwise */
                    interval?: number
                    /**
                     * @description seconds in which the response must come, 0.1 to 60
                     * @default 2
                     */
                    timeout?: number
                    /**
                     * @description failures in a row after which it is down, 1 to 100
                     * @default 3
                     */
                    down_after?: number
                    /**
                     * @description good answers in a row after which it is up again, 1 to 100
                     * @default 2
                     */
                    up_after?: number
                    /** @description the statuses that are good answers, such as [200, 404]; each but 503 otherwise */
                    ok?: number[]
                    /**
                     * @description seconds without a call once a call has found it down, 0.1 to 3600
                     * @default 10
                     */
                    back_off?: number
                  }
                  /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
                  limit?: {
                    /** @description calls at once, 1 to 1000000 */
                    calls?: number
                    /** @description new calls a second, 1 to 100000 */
                    cps?: number
                    /** @description seconds that a call waits for room, 0 (none) to 600 */
                    queue?: number
                  }
                  /** @description variables of this environment, name and value */
                  variables?: {
                    [key: string]: string
                  }
                  /** @description The release that new calls are pinned to; none before the first promotion */
                  release?: number
                  /** @description The version of that release */
                  version?: number
                  /** Format: date-time */
                  promotedAt?: string
                  /** @description The release that a share of the calls tries */
                  canary?: {
                    release: number
                    version: number
                    percent: number
                    tolerance: number
                    sample: number
                    /** Format: date-time */
                    startedAt: string
                  }
                  /** @description Those in force, newest first */
                  switches?: {
                    id: string
                    handoff?: string
                    schedule?: string
                    /** @enum {unknown} */
                    action: 'close' | 'open' | 'divert'
                    /** @description Of a divert: the handoff that callers are sent to */
                    to?: string
                    /**
                     * Format: date-time
                     * @description When it expires; without it, it stays until it is removed
                     */
                    until?: string
                    /**
                     * @description `until` is the next opening of the schedule, as it was when this was set
                     * @enum {boolean}
                     */
                    nextOpening?: true
                    reason: string
                    by: string
                    /** @description Where it was set from, such as `api 127.0.0.1` */
                    from: string
                    /** Format: date-time */
                    at: string
                  }[]
                  draft?: components['schemas']['EnvironmentSettings']
                  /** @description What promoting the drafts would change here */
                  changes: components['schemas']['Change'][]
                }
              }
            }
          }
        }
        /** @description Created: Store a project file */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              project: string
              /** @description Those of the project file beside environments and table */
              settings: Record<string, unknown>
              draft: {
                digest: string
              }
              /** @description 0 before the first is published */
              lastVersion: number
              /** @description Of the whole project file: its ETag */
              digest: string
              environments: {
                [key: string]: {
                  /** @description the name of the handoff that callers get when no agent answers; that of the project otherwise */
                  agent_down?: string
                  /**
                   * @description may an agent ask for a raw number or URI; `true` or `false`
                   * @default false
                   */
                  adhoc?: boolean
                  /** @description beginnings of numbers and URIs that an agent may never ask for, such as "+1900" */
                  adhoc_deny?: string[]
                  /** @description beginnings of numbers that an agent may ask for though they are premium, satellite or a fraud range, such as "+8816" */
                  adhoc_allow?: string[]
                  /** @description private hosts that an agent may ask for, such as "10.0.0.9", or "10.0.0.9:5070" for one port; those of handoffs and gateways it may */
                  adhoc_hosts?: string[]
                  /**
                   * @description may an agent call a handoff itself, to ask first; `true` or `false`
                   * @default true
                   */
                  consult?: boolean
                  /**
                   * @description what of each call is recorded, off, caller, both, stop_at_handoff, from_handoff: both from the agent's answer to the end, stop_at_handoff with the agent, from_handoff with the person
                   * @default off
                   * @enum {unknown}
                   */
                  recording?: 'off' | 'caller' | 'both' | 'stop_at_handoff' | 'from_handoff'
                  /** @description what the caller hears before anything is recorded: an audio file of the project such as "notice.wav", or a text to be spoken */
                  recording_notice?: string
                  /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
                  project_limit?: {
                    /** @description calls at once, 1 to 1000000 */
                    calls?: number
                    /** @description new calls a second, 1 to 100000 */
                    cps?: number
                    /** @description seconds that a call waits for room, 0 (none) to 600 */
                    queue?: number
                  }
                  /** @description a list of E.164 numbers in quotes, such as ["+14155550100"] */
                  numbers?: string[]
                  /** @description a list of SIP URIs of agents, such as ["sip:agent@127.0.0.1:5090"] */
                  agents?: (
                    | string
                    | {
                        /** @description a SIP URI such as "sip:agent@127.0.0.1:5090" */
                        uri: string
                        /** @description lower ones are tried first (RFC 2782), 0 to 65535; 0 without it */
                        priority?: number
                        /** @description the share of calls among those of equal priority (RFC 2782), 0 to 65535 */
                        weight?: number
                        /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
                        limit?: {
                          /** @description calls at once, 1 to 1000000 */
                          calls?: number
                          /** @description new calls a second, 1 to 100000 */
                          cps?: number
                          /** @description seconds that a call waits for room, 0 (none) to 600 */
                          queue?: number
                        }
                      }
                  )[]
                  /**
                   * @description seconds in which an agent must send a response to the INVITE, 100 included, before the next is tried, 0 (no limit) to 60
                   * @default 3
                   */
                  progress_timeout?: number
                  /** @description how OPTIONS asks whether it is well: { interval, timeout, down_after, up_after, ok, back_off } */
                  probe?: {
                    /** @description seconds between two OPTIONS, 0 (off) to 86400; `probe_interval` of Baton decides otherwise */
                    interval?: number
                    /**
                     * @description seconds in which the response must come, 0.1 to 60
                     * @default 2
                     */
                    timeout?: number
                    /**
                     * @description failures in a row after which it is down, 1 to 100
                     * @default 3
                     */
                    down_after?: number
                    /**
                     * @description good answers in a row after which it is up again, 1 to 100
                     * @default 2
                     */
                    up_after?: number
                    /** @description the statuses that are good answers, such as [200, 404]; each but 503 otherwise */
                    ok?: number[]
                    /**
                     * @description seconds without a call once a call has found it down, 0.1 to 3600
                     * @default 10
                     */
                    back_off?: number
                  }
                  /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
                  limit?: {
                    /** @description calls at once, 1 to 1000000 */
                    calls?: number
                    /** @description new calls a second, 1 to 100000 */
                    cps?: number
                    /** @description seconds that a call waits for room, 0 (none) to 600 */
                    queue?: number
                  }
                  /** @description variables of this environment, name and value */
                  variables?: {
                    [key: string]: string
                  }
                  /** @description The release that new calls are pinned to; none before the first promotion */
                  release?: number
                  /** @description The version of that release */
                  version?: number
                  /** Format: date-time */
                  promotedAt?: string
                  /** @description The release that a share of the calls tries */
                  canary?: {
                    release: number
                    version: number
                    percent: number
                    tolerance: number
                    sample: number
                    /** Format: date-time */
                    startedAt: string
                  }
                  /** @description Those in force, newest first */
                  switches?: {
                    id: string
                    handoff?: string
                    schedule?: string
                    /** @enum {unknown} */
                    action: 'close' | 'open' | 'divert'
                    /** @description Of a divert: the handoff that callers are sent to */
                    to?: string
                    /**
                     * Format: date-time
                     * @description When it expires; without it, it stays until it is removed
                     */
                    until?: string
                    /**
                     * @description `until` is the next opening of the schedule, as it was when this was set
                     * @enum {boolean}
                     */
                    nextOpening?: true
                    reason: string
                    by: string
                    /** @description Where it was set from, such as `api 127.0.0.1` */
                    from: string
                    /** Format: date-time */
                    at: string
                  }[]
                  draft?: components['schemas']['EnvironmentSettings']
                  /** @description What promoting the drafts would change here */
                  changes: components['schemas']['Change'][]
                }
              }
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/file': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The project file, byte for byte as it was stored */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description a project file */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            /**
             * @example {
             *       "project": "demo",
             *       "environments": {
             *         "live": {
             *           "numbers": [
             *             "+14155550100"
             *           ],
             *           "agents": [
             *             "sip:agent@192.0.2.20"
             *           ],
             *           "variables": {
             *             "region": "west"
             *           }
             *         }
             *       },
             *       "table": {
             *         "handoffs": [
             *           {
             *             "name": "front-desk",
             *             "description": "Reception, day and night",
             *             "default": true,
             *             "method": "refer",
             *             "route": "sip:front-desk@pbx.example",
             *             "headers": {
             *               "X-Caller": "$caller_id"
             *             },
             *             "on_failure": []
             *           }
             *         ],
             *         "schedules": [
             *           {
             *             "name": "office-hours",
             *             "time_zone": "Europe/Berlin",
             *             "weekly": {
             *               "mon": [
             *                 "09:00-17:30"
             *               ],
             *               "fri": [
             *                 "09:00-15:00"
             *               ]
             *             }
             *           }
             *         ]
             *       }
             *     }
             */
            'application/json': components['schemas']['ProjectFile']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/draft': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The draft, with its ETag */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description a routing table */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            /**
             * @example {
             *       "handoffs": [
             *         {
             *           "name": "front-desk",
             *           "description": "Reception, day and night",
             *           "default": true,
             *           "method": "refer",
             *           "route": "sip:front-desk@pbx.example",
             *           "headers": {
             *             "X-Caller": "$caller_id"
             *           },
             *           "on_failure": []
             *         }
             *       ],
             *       "schedules": [
             *         {
             *           "name": "office-hours",
             *           "time_zone": "Europe/Berlin",
             *           "weekly": {
             *             "mon": [
             *               "09:00-17:30"
             *             ],
             *             "fri": [
             *               "09:00-15:00"
             *             ]
             *           }
             *         }
             *       ]
             *     }
             */
            'application/json': components['schemas']['Table']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    /**
     * Replace the draft
     * @description With If-Match, only when it has not been changed since: a lost race is 412.
     */
    put: {
      parameters: {
        query?: never
        header?: {
          /** @example "sha256:5d41402abc4b2a76" */
          'if-match'?: string
        }
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      /** @description a routing table */
      requestBody: {
        content: {
          /**
           * @example {
           *       "handoffs": [
           *         {
           *           "name": "front-desk",
           *           "description": "Reception, day and night",
           *           "default": true,
           *           "method": "refer",
           *           "route": "sip:front-desk@pbx.example",
           *           "headers": {
           *             "X-Caller": "$caller_id"
           *           },
           *           "on_failure": []
           *         }
           *       ],
           *       "schedules": [
           *         {
           *           "name": "office-hours",
           *           "time_zone": "Europe/Berlin",
           *           "weekly": {
           *             "mon": [
           *               "09:00-17:30"
           *             ],
           *             "fri": [
           *               "09:00-15:00"
           *             ]
           *           }
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['Table']
          /**
           * @example {
           *       "handoffs": [
           *         {
           *           "name": "front-desk",
           *           "description": "Reception, day and night",
           *           "default": true,
           *           "method": "refer",
           *           "route": "sip:front-desk@pbx.example",
           *           "headers": {
           *             "X-Caller": "$caller_id"
           *           },
           *           "on_failure": []
           *         }
           *       ],
           *       "schedules": [
           *         {
           *           "name": "office-hours",
           *           "time_zone": "Europe/Berlin",
           *           "weekly": {
           *             "mon": [
           *               "09:00-17:30"
           *             ],
           *             "fri": [
           *               "09:00-15:00"
           *             ]
           *           }
           *         }
           *       ]
           *     }
           */
          'application/yaml': components['schemas']['Table']
        }
      }
      responses: {
        /** @description OK: Replace the draft */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              digest: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/draft/lint': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What is to be said of the draft before it is published, worst first; errors stop a publication */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: What is to be said of the draft before it is published, worst first; errors stop a publication */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              findings: components['schemas']['Finding'][]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/draft/handoffs': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Add a handoff to the draft */
    post: {
      parameters: {
        query?: never
        header?: {
          /** @example "sha256:5d41402abc4b2a76" */
          'if-match'?: string
        }
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      /** @description A handoff, as in the project file */
      requestBody: {
        content: {
          /**
           * @example {
           *       "name": "front-desk",
           *       "description": "Reception, day and night",
           *       "default": true,
           *       "method": "refer",
           *       "route": "sip:front-desk@pbx.example",
           *       "headers": {
           *         "X-Caller": "$caller_id"
           *       },
           *       "on_failure": []
           *     }
           */
          'application/json': Record<string, unknown>
        }
      }
      responses: {
        /** @description Created: Add a handoff to the draft */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /** @description Of the draft as it is now: its ETag */
              digest: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/draft/handoffs/{handoff}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Take a handoff out of the draft; refused while others name it */
    delete: {
      parameters: {
        query?: never
        header?: {
          /** @example "sha256:5d41402abc4b2a76" */
          'if-match'?: string
        }
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example front-desk */
          handoff: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Take a handoff out of the draft; refused while others name it */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /** @description Of the draft as it is now: its ETag */
              digest: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    options?: never
    head?: never
    /** Change a handoff of the draft */
    patch: {
      parameters: {
        query?: never
        header?: {
          /** @example "sha256:5d41402abc4b2a76" */
          'if-match'?: string
        }
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example front-desk */
          handoff: string
        }
        cookie?: never
      }
      /** @description Fields with their new values; null takes one away. A new name is followed everywhere */
      requestBody: {
        content: {
          /**
           * @example {
           *       "route": "+14155550111",
           *       "ring_timeout": null
           *     }
           */
          'application/json': Record<string, unknown>
        }
      }
      responses: {
        /** @description OK: Change a handoff of the draft */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /** @description Of the draft as it is now: its ETag */
              digest: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    trace?: never
  }
  '/v1/projects/{project}/draft/handoffs/{handoff}/duplicate': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Copy a handoff of the draft under another name */
    post: {
      parameters: {
        query?: never
        header?: {
          /** @example "sha256:5d41402abc4b2a76" */
          'if-match'?: string
        }
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example front-desk */
          handoff: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "as": "front-desk-night"
           *     }
           */
          'application/json': {
            /** @example front-desk */
            as: string
          }
        }
      }
      responses: {
        /** @description Created: Copy a handoff of the draft under another name */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /** @description Of the draft as it is now: its ETag */
              digest: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/draft/handoffs/{handoff}/default': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Make a handoff of the draft the default */
    post: {
      parameters: {
        query?: never
        header?: {
          /** @example "sha256:5d41402abc4b2a76" */
          'if-match'?: string
        }
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example front-desk */
          handoff: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Make a handoff of the draft the default */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /** @description Of the draft as it is now: its ETag */
              digest: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/versions': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Every version */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Every version */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              versions: components['schemas']['Version'][]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    /** Publish the draft as the next version */
    post: {
      parameters: {
        query?: never
        header?: {
          /** @example "sha256:5d41402abc4b2a76" */
          'if-match'?: string
        }
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "message": "The night shift has a new number"
           *     }
           */
          'application/json': {
            /** @description Why, for the history */
            message?: string
          }
        }
      }
      responses: {
        /** @description Created: Publish the draft as the next version */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Version']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/versions/{version}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** One version, with its table */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example 7 */
          version: number
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: One version, with its table */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Version'] & {
              table: components['schemas']['Table']
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/versions/{a}/diff/{b}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What changed from one version to another, or to the draft */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /**
           * @description A number, or draft
           * @example draft
           */
          a: string
          /**
           * @description A number, or draft
           * @example draft
           */
          b: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: What changed from one version to another, or to the draft */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              from: unknown
              to: unknown
              changes: components['schemas']['Change'][]
              /** @description The same, one line for each change */
              text: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/compare/{from}/{to}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What changes between any two of the project’s drafts, versions and releases */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @description `draft`, a version’s number, `live` (what it runs), `live:3` (a release) or `live:draft` */
          from: string
          /** @description `draft`, a version’s number, `live` (what it runs), `live:3` (a release) or `live:draft` */
          to: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: What changes between any two of the project’s drafts, versions and releases */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              from: unknown
              to: unknown
              changes: components['schemas']['Change'][]
              /** @description The same, one line for each change */
              text: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/history': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Who changed what, when, from where and why; newest first */
    get: {
      parameters: {
        query?: {
          /** @example 50 */
          limit?: number
        }
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Who changed what, when, from where and why; newest first */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              history: components['schemas']['HistoryEntry'][]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/environments/{environment}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** One environment: what it runs, and how its canary fares */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example live */
          environment: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: One environment: what it runs, and how its canary fares */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Environment'] & {
              /** @description Transfers of the canary, and of the version it would replace, in this process */
              tallies?: {
                trial: {
                  succeeded: number
                  failed: number
                }
                main: {
                  succeeded: number
                  failed: number
                }
              }
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/environments/{environment}/promote': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What a promotion would warn of: targets of the release that are down now
     * @description Promotes nothing. A warning refuses no promotion.
     */
    get: {
      parameters: {
        query?: {
          /**
           * @description The version; the one that it runs when left out
           * @example 7
           */
          version?: number
          /**
           * @description The draft of the environment’s settings, or those that it runs
           * @example keep
           */
          settings?: 'draft' | 'keep'
        }
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example live */
          environment: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: What a promotion would warn of: targets of the release that are down now */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /** @description Agents and handoffs’ hosts of the release that get no call now */
              warnings: {
                /** @example target_down */
                code: string
                /** @example agent sip:agent@192.0.2.20 is down since 14:02 (no response to INVITE) */
                detail: string
              }[]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    /**
     * Make a release of a version and the settings, and let new calls run it, or a share of them
     * @description Calls that are up keep the release they began with. With `expected`, only while that version is current: a lost race is 412.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example live */
          environment: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "version": 7,
           *       "settings": "keep",
           *       "message": "The night shift has a new number",
           *       "canary": {
           *         "percent": 10
           *       }
           *     }
           */
          'application/json': {
            /**
             * @description The version; the one that it runs when left out
             * @example 7
             */
            version?: number
            /**
             * @description The draft of the environment’s settings, or those that it runs
             * @default draft
             * @example keep
             * @enum {unknown}
             */
            settings?: 'draft' | 'keep'
            /** @description Why, for the history */
            message?: string
            /** @description Promotes a version although handoffs of it cannot be called (409, `would_fail`): why, or `true` with a `reason`. History keeps it */
            force?: boolean | string
            /** @description Why it is forced */
            reason?: string
            /** @description Only while the environment runs this version (null: none) */
            expected?: number | null
            canary?: {
              /** @description Share of the calls; 100 promotes whole */
              percent: number
              /** @description Points of success it may be worse; 10 */
              tolerance?: number
              /** @description Transfers of each version before a verdict; 20 */
              sample?: number
            }
          }
        }
      }
      responses: {
        /** @description OK: Make a release of a version and the settings, and let new calls run it, or a share of them */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Promotion']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/environments/{environment}/rollback': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Go back to a release, whole: without one, end the canary or go back to the release before */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example live */
          environment: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "release": 11,
           *       "message": "The new number does not answer"
           *     }
           */
          'application/json': {
            /** @description The release to go back to; the one before */
            release?: number
            /** @description Why, for the history */
            message?: string
          }
        }
      }
      responses: {
        /** @description OK: Go back to a release, whole: without one, end the canary or go back to the release before */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Promotion']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/environments/{environment}/draft': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The draft of an environment’s settings, with its ETag */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example live */
          environment: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description the settings of an environment: its numbers, agents, agent_down, progress_timeout, probe, limit and variables */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            /**
             * @example {
             *       "numbers": [
             *         "+14155550100"
             *       ],
             *       "agents": [
             *         "sip:agent@192.0.2.20"
             *       ],
             *       "variables": {
             *         "region": "west"
             *       }
             *     }
             */
            'application/json': components['schemas']['EnvironmentSettings']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    /**
     * Replace the draft of an environment’s settings
     * @description What runs stays as it is until a promotion. With If-Match, a lost race is 412.
     */
    put: {
      parameters: {
        query?: never
        header?: {
          /** @example "sha256:5d41402abc4b2a76" */
          'if-match'?: string
        }
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example live */
          environment: string
        }
        cookie?: never
      }
      /** @description the settings of an environment: its numbers, agents, agent_down, progress_timeout, probe, limit and variables */
      requestBody: {
        content: {
          /**
           * @example {
           *       "numbers": [
           *         "+14155550100"
           *       ],
           *       "agents": [
           *         "sip:agent@192.0.2.20"
           *       ],
           *       "variables": {
           *         "region": "west"
           *       }
           *     }
           */
          'application/json': components['schemas']['EnvironmentSettings']
          /**
           * @example {
           *       "numbers": [
           *         "+14155550100"
           *       ],
           *       "agents": [
           *         "sip:agent@192.0.2.20"
           *       ],
           *       "variables": {
           *         "region": "west"
           *       }
           *     }
           */
          'application/yaml': components['schemas']['EnvironmentSettings']
        }
      }
      responses: {
        /** @description OK: Replace the draft of an environment’s settings */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              digest: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/environments/{environment}/releases': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Every release of an environment, newest first */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example live */
          environment: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Every release of an environment, newest first */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              releases: components['schemas']['Release'][]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/environments/{environment}/releases/{release}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** One release: its version and its settings */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example live */
          environment: string
          /** @example 7 */
          release: number
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: One release: its version and its settings */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Release']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/environments/{environment}/releases/{a}/diff/{b}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What changed from one release to another, or to the drafts: settings and table, field by field */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example live */
          environment: string
          /**
           * @description A number, or draft
           * @example draft
           */
          a: string
          /**
           * @description A number, or draft
           * @example draft
           */
          b: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: What changed from one release to another, or to the drafts: settings and table, field by field */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              from: unknown
              to: unknown
              changes: components['schemas']['Change'][]
              /** @description The same, one line for each change */
              text: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/switches': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The switches in force of every environment, newest first */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: The switches in force of every environment, newest first */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              switches: components['schemas']['SwitchOfEnvironment'][]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/environments/{environment}/switches': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The switches in force of an environment, newest first */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example live */
          environment: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: The switches in force of an environment, newest first */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              switches: components['schemas']['Switch'][]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    /**
     * Close, open or divert a handoff or a schedule, at once and for a time
     * @description In force on every Baton of one Redis within a second, for transfers that begin from then on, also of calls that are up. Of two for the same handoff or schedule the newer one decides; that of a handoff decides before that of its schedule.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example live */
          environment: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "handoff": "front-desk",
           *       "action": "close",
           *       "until": "next_opening",
           *       "reason": "The desk is at a fire drill"
           *     }
           */
          'application/json': {
            /** @description The handoff that it is for; this or `schedule` */
            handoff?: string
            /** @description The schedule: it is for all handoffs that have it */
            schedule?: string
            /**
             * @description `close`: callers go where those of a closed handoff go; `open`: also outside its hours; `divert`: callers go to `to`
             * @enum {unknown}
             */
            action: 'close' | 'open' | 'divert'
            /** @description Of a divert: the handoff that callers get */
            to?: string
            /**
             * @description When it expires, or at the next opening of the schedule; until it is removed when left out
             * @example 2026-12-24T18:00:00Z
             * @example next_opening
             */
            until?: string | 'next_opening'
            /** @description Why, for colleagues and the history */
            reason: string
          }
        }
      }
      responses: {
        /** @description Created: Close, open or divert a handoff or a schedule, at once and for a time */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              id: string
              handoff?: string
              schedule?: string
              /** @enum {unknown} */
              action: 'close' | 'open' | 'divert'
              /** @description Of a divert: the handoff that callers are sent to */
              to?: string
              /**
               * Format: date-time
               * @description When it expires; without it, it stays until it is removed
               */
              until?: string
              /**
               * @description `until` is the next opening of the schedule, as it was when this was set
               * @enum {boolean}
               */
              nextOpening?: true
              reason: string
              by: string
              /** @description Where it was set from, such as `api 127.0.0.1` */
              from: string
              /** Format: date-time */
              at: string
              /** @description The handoffs that it decides about now */
              handoffs: string[]
              /** @description The newer switch for the same handoff or schedule, which decides in its place */
              overriddenBy?: string
              /** @description Older ones for the same, which decide again when it ends */
              overrides: string[]
              /** @description What an operator should know, in words */
              notes: string[]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/environments/{environment}/switches/{switch}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Remove a switch before it expires */
    delete: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example live */
          environment: string
          /** @example 3fb2c1 */
          switch: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Remove a switch before it expires */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              id: string
              handoff?: string
              schedule?: string
              /** @enum {unknown} */
              action: 'close' | 'open' | 'divert'
              /** @description Of a divert: the handoff that callers are sent to */
              to?: string
              /**
               * Format: date-time
               * @description When it expires; without it, it stays until it is removed
               */
              until?: string
              /**
               * @description `until` is the next opening of the schedule, as it was when this was set
               * @enum {boolean}
               */
              nextOpening?: true
              reason: string
              by: string
              /** @description Where it was set from, such as `api 127.0.0.1` */
              from: string
              /** Format: date-time */
              at: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/environments/{environment}/openings': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Which schedules and handoffs are open at a moment, until when, and where callers go */
    get: {
      parameters: {
        query?: {
          /**
           * @description The moment; now when left out
           * @example 2026-12-24T18:00:00Z
           */
          at?: string
          /**
           * @description A version, or draft; what runs when left out
           * @example draft
           */
          version?: string
        }
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example live */
          environment: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Which schedules and handoffs are open at a moment, until when, and where callers go */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Openings']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/draft/schedules': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Add a schedule to the draft */
    post: {
      parameters: {
        query?: never
        header?: {
          /** @example "sha256:5d41402abc4b2a76" */
          'if-match'?: string
        }
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      /** @description A schedule, as in the project file */
      requestBody: {
        content: {
          /**
           * @example {
           *       "name": "office-hours",
           *       "time_zone": "Europe/Berlin",
           *       "weekly": {
           *         "mon": [
           *           "09:00-17:30"
           *         ],
           *         "fri": [
           *           "09:00-15:00"
           *         ]
           *       }
           *     }
           */
          'application/json': Record<string, unknown>
        }
      }
      responses: {
        /** @description Created: Add a schedule to the draft */
        201: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /** @description Of the draft as it is now: its ETag */
              digest: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/draft/schedules/{schedule}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Take a schedule out of the draft; refused while handoffs or rules name it */
    delete: {
      parameters: {
        query?: never
        header?: {
          /** @example "sha256:5d41402abc4b2a76" */
          'if-match'?: string
        }
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example office-hours */
          schedule: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Take a schedule out of the draft; refused while handoffs or rules name it */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /** @description Of the draft as it is now: its ETag */
              digest: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    options?: never
    head?: never
    /** Change a schedule of the draft */
    patch: {
      parameters: {
        query?: never
        header?: {
          /** @example "sha256:5d41402abc4b2a76" */
          'if-match'?: string
        }
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example office-hours */
          schedule: string
        }
        cookie?: never
      }
      /** @description Fields with their new values; null takes one away. A new name is followed everywhere */
      requestBody: {
        content: {
          /**
           * @example {
           *       "weekly": {
           *         "mon": [
           *           "08:00-18:00"
           *         ]
           *       },
           *       "holidays": null
           *     }
           */
          'application/json': Record<string, unknown>
        }
      }
      responses: {
        /** @description OK: Change a schedule of the draft */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /** @description Of the draft as it is now: its ETag */
              digest: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    trace?: never
  }
  '/v1/projects/{project}/audio': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The audio files of the draft */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: The audio files of the draft */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              audio: {
                /** @example sales.wav */
                name: string
                /** @example sha256:5d41402abc4b2a76 */
                digest: string
                /** @example 64044 */
                bytes: number
                /** @example 4 */
                seconds: number
                /** @example 8000 */
                sampleRate: number
                /** @example 1 */
                channels: number
                /**
                 * @description The loudest sample, in dB of full scale
                 * @example -3.1
                 */
                peakDb: number
                /** @description Doubts about its level */
                warnings: string[]
                /** @description Handoffs of the draft that play it */
                usedBy: string[]
              }[]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/audio/{name}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** One audio file of the draft, to listen to */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example sales.wav */
          name: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description audio/wav */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': unknown
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    /**
     * Keep an audio file with the draft, or replace it
     * @description A WAV file: PCM of 8 or 16 bits, 8 or 16 kHz (24, 44.1 and 48 kHz are taken, too), mono or stereo, 0.2 to 300 seconds. What is silent is refused, what is quiet or clipped is said. A version keeps the files that it was published with.
     */
    put: {
      parameters: {
        query?: never
        header?: {
          /** @example "sha256:5d41402abc4b2a76" */
          'if-match'?: string
        }
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example sales.wav */
          name: string
        }
        cookie?: never
      }
      /** @description The file */
      requestBody: {
        content: {
          'audio/wav': unknown
          'audio/x-wav': unknown
          'audio/wave': unknown
          'audio/vnd.wave': unknown
          'application/octet-stream': unknown
        }
      }
      responses: {
        /** @description OK: Keep an audio file with the draft, or replace it */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /** @example sales.wav */
              name: string
              /** @example sha256:5d41402abc4b2a76 */
              digest: string
              /** @example 64044 */
              bytes: number
              /** @example 4 */
              seconds: number
              /** @example 8000 */
              sampleRate: number
              /** @example 1 */
              channels: number
              /**
               * @description The loudest sample, in dB of full scale
               * @example -3.1
               */
              peakDb: number
              /** @description Doubts about its level */
              warnings: string[]
              /** @description Handoffs of the draft that play it */
              usedBy: string[]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    post?: never
    /**
     * Take an audio file out of the draft; refused while handoffs play it
     * @description Versions that were published with it still have it.
     */
    delete: {
      parameters: {
        query?: never
        header?: {
          /** @example "sha256:5d41402abc4b2a76" */
          'if-match'?: string
        }
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
          /** @example sales.wav */
          name: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Take an audio file out of the draft; refused while handoffs play it */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              digest: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Precondition Failed */
        412: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/explain': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * What a transfer would do: the plan, the rendered headers, the bytes on the wire, warnings
     * @description The transfer is made as every transfer is, without a network: its agent answers, and each REFER and INVITE is refused, so that every attempt has its turn.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "environment": "live",
           *       "handoff": "front-desk",
           *       "call": {
           *         "caller": "+14155550123"
           *       },
           *       "reason": "billing"
           *     }
           */
          'application/json': {
            environment: string
            /** @description The name that is asked for; the table’s rules and its default decide without one */
            handoff?: string
            /** @description A version, with the settings that run; what runs when left out */
            version?: number
            /** @description The drafts of the table and of the settings, as a promotion would have them run */
            draft?: boolean
            /** @description With `draft`: a handoff as it would be, were this saved; nothing is stored */
            edit?: {
              /** @description Its name in the draft; a new one when left out */
              handoff?: string
              /** @description Fields with their new values; null takes one away */
              changes: Record<string, unknown>
            }
            call?: {
              /** @description The caller’s number, or SIP URI */
              caller?: string
              callerName?: string
              /** @description The dialled number; the environment’s first one when left out */
              called?: string
              /** @description Headers of its INVITE */
              headers?: {
                [key: string]: string
              }
              variables?: {
                [key: string]: string
              }
              /** @description The trunk it comes in by; the first one when left out */
              trunk?: string
              /** @description Its From, without a tag, in the place of caller and callerName */
              from?: string
              /** @description Its Contact; the caller at an address of the trunk when left out */
              contact?: string
              /** @description The session that it offers; plain RTP, or SRTP where a handoff requires that, when left out */
              sdp?: string
            }
            /** @description Headers of the transfer request */
            headers?: {
              [key: string]: string
            }
            /** @description Variables of the transfer request */
            variables?: {
              [key: string]: string
            }
            reason?: string
            /**
             * Format: date-time
             * @description The moment that schedules see; now when left out
             */
            at?: string
          }
        }
      }
      responses: {
        /** @description OK: What a transfer would do: the plan, the rendered headers, the bytes on the wire, warnings */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Explanation']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/projects/{project}/rehearsals': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Place a rehearsal call, and tell how it went */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Name of the project
           * @example demo
           */
          project: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "environment": "sandbox",
           *       "handoff": "front-desk",
           *       "draft": true,
           *       "destination": "synthetic"
           *     }
           */
          'application/json': {
            /** @description The environment whose version is rehearsed; `sandbox` when left out */
            environment?: string
            /** @description The handoff; not with `all` */
            handoff?: string
            /** @description Every handoff that is in use, in place of `handoff` */
            all?: boolean
            /** @description A version of the table; the one that the environment runs when left out */
            version?: number
            /** @description The drafts of the table and of the settings, as a promotion would have them run */
            draft?: boolean
            /**
             * Format: date-time
             * @description The moment that schedules and rules see. Without it the handoff itself is rehearsed, be it open or closed
             */
            at?: string
            /** @description Who takes the call: the destination that the handoff’s real route leads to (the default), or a user agent of Baton’s own */
            destination?: 'synthetic' | 'real'
            /** @description The number that seems to call */
            caller?: string
            /** @description Seconds that the caller and the agent talk before the agent asks for the handoff; 0.1 when left out */
            talk?: number
            headers?: {
              [key: string]: string
            }
          }
        }
      }
      responses: {
        /** @description OK: Place a rehearsal call, and tell how it went */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json':
              | components['schemas']['Rehearsal']
              | {
                  project: string
                  environment: string
                  version: number
                  /** @enum {boolean} */
                  draft?: true
                  verdict: 'passed' | 'failed'
                  /** @description How many have passed, and which have not */
                  cause: string
                  rehearsals: components['schemas']['Rehearsal'][]
                }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/targets': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Agents, gateways and handoffs’ hosts: whether each is up, and why
     * @description Of what is running. One target for one address, however many trunks and projects name it. Of a principal with some projects only, those of these and the gateways.
     */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Agents, gateways and handoffs’ hosts: whether each is up, and why */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              targets: components['schemas']['Target'][]
            }
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/targets/{id}/{command}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Ask a target by OPTIONS now, or take it out and in
     * @description probe: answers with the result. disable: no call is sent there. drain: the same; its calls go on. enable: calls are sent there again. All but probe are kept until they are changed, and are in force on every Baton of one Redis within a second.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          /** @example udp:192.0.2.10:5060 */
          id: string
          /** @example drain */
          command: 'probe' | 'disable' | 'enable' | 'drain'
        }
        cookie?: never
      }
      requestBody: {
        content: {
          /**
           * @example {
           *       "reason": "It gets a new disk"
           *     }
           */
          'application/json': {
            /** @description Why, for those who look later */
            reason?: string
          }
        }
      }
      responses: {
        /** @description OK: Ask a target by OPTIONS now, or take it out and in */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['Target']
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/trunks': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Trunks with their gateways, and what each has refused and until when that is remembered
     * @description The memory is that of this Baton: each process has its own.
     */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Trunks with their gateways, and what each has refused and until when that is remembered */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              trunks: {
                name: string
                peers: string[]
                /** @description In order of preference */
                gateways: {
                  uri: string
                  /** @description lower ones are tried first (RFC 2782), 0 to 65535; 0 without it */
                  priority?: number
                  /** @description the share of calls among those of equal priority (RFC 2782), 0 to 65535 */
                  weight?: number
                  /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
                  limit?: {
                    /** @description calls at once, 1 to 1000000 */
                    calls?: number
                    /** @description new calls a second, 1 to 100000 */
                    cps?: number
                    /** @description seconds that a call waits for room, 0 (none) to 600 */
                    queue?: number
                  }
                }[]
                numberFormat: string
                /** @description Whether its callers can be moved by REFER, as its settings say */
                refer: boolean
                /** @description Seconds that its refusal of REFER is remembered */
                referMemory: number
                /** @description Seconds that a refusal of SRTP by a gateway or host is remembered */
                srtpMemory: number
                /** @description How many calls a day it may be sent, the longest prefix first */
                caps: {
                  /**
                   * @description The beginning of the numbers that it is for
                   * @example +44
                   */
                  prefix: string
                  callsPerDay: number
                  /** @description Calls of the day (UTC) that were answered or are being set up, of all Batons of one Redis */
                  used: number
                  /**
                   * Format: date-time
                   * @description When the day ends
                   */
                  resetsAt: string
                }[]
                /** @description What it has refused lately */
                memory: {
                  /** @enum {unknown} */
                  refused: 'refer' | 'srtp'
                  /** @description The gateway or host that refused it; the whole trunk without */
                  target?: string
                  /** @description The refusal, such as 403 Forbidden */
                  what: string
                  /**
                   * Format: date-time
                   * @description Until when it is remembered: callers are bridged at once
                   */
                  until: string
                }[]
              }[]
              /** @description Where carriers reach Baton: its SIP listeners, by the address that they advertise */
              addresses: {
                /** @enum {unknown} */
                transport: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'
                address: string
                port: number
              }[]
            }
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/trunks/{trunk}/memory': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Forget what a trunk has refused: its next caller is tried by REFER again, with SRTP where that is preferred */
    delete: {
      parameters: {
        query?: never
        header?: never
        path: {
          /** @example carrier */
          trunk: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Forget what a trunk has refused: its next caller is tried by REFER again, with SRTP where that is preferred */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              name: string
              peers: string[]
              /** @description In order of preference */
              gateways: {
                uri: string
                /** @description lower ones are tried first (RFC 2782), 0 to 65535; 0 without it */
                priority?: number
                /** @description the share of calls among those of equal priority (RFC 2782), 0 to 65535 */
                weight?: number
                /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
                limit?: {
                  /** @description calls at once, 1 to 1000000 */
                  calls?: number
                  /** @description new calls a second, 1 to 100000 */
                  cps?: number
                  /** @description seconds that a call waits for room, 0 (none) to 600 */
                  queue?: number
                }
              }[]
              numberFormat: string
              /** @description Whether its callers can be moved by REFER, as its settings say */
              refer: boolean
              /** @description Seconds that its refusal of REFER is remembered */
              referMemory: number
              /** @description Seconds that a refusal of SRTP by a gateway or host is remembered */
              srtpMemory: number
              /** @description How many calls a day it may be sent, the longest prefix first */
              caps: {
                /**
                 * @description The beginning of the numbers that it is for
                 * @example +44
                 */
                prefix: string
                callsPerDay: number
                /** @description Calls of the day (UTC) that were answered or are being set up, of all Batons of one Redis */
                used: number
                /**
                 * Format: date-time
                 * @description When the day ends
                 */
                resetsAt: string
              }[]
              /** @description What it has refused lately */
              memory: {
                /** @enum {unknown} */
                refused: 'refer' | 'srtp'
                /** @description The gateway or host that refused it; the whole trunk without */
                target?: string
                /** @description The refusal, such as 403 Forbidden */
                what: string
                /**
                 * Format: date-time
                 * @description Until when it is remembered: callers are bridged at once
                 */
                until: string
              }[]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/trunks/{trunk}/caps': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /**
     * Start the day of a trunk’s caps again: no call counts that was answered before
     * @description On every Baton of one Redis, within a second. 503 while Redis cannot be reached.
     */
    delete: {
      parameters: {
        query?: never
        header?: never
        path: {
          /** @example carrier */
          trunk: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Start the day of a trunk’s caps again: no call counts that was answered before */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              name: string
              peers: string[]
              /** @description In order of preference */
              gateways: {
                uri: string
                /** @description lower ones are tried first (RFC 2782), 0 to 65535; 0 without it */
                priority?: number
                /** @description the share of calls among those of equal priority (RFC 2782), 0 to 65535 */
                weight?: number
                /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
                limit?: {
                  /** @description calls at once, 1 to 1000000 */
                  calls?: number
                  /** @description new calls a second, 1 to 100000 */
                  cps?: number
                  /** @description seconds that a call waits for room, 0 (none) to 600 */
                  queue?: number
                }
              }[]
              numberFormat: string
              /** @description Whether its callers can be moved by REFER, as its settings say */
              refer: boolean
              /** @description Seconds that its refusal of REFER is remembered */
              referMemory: number
              /** @description Seconds that a refusal of SRTP by a gateway or host is remembered */
              srtpMemory: number
              /** @description How many calls a day it may be sent, the longest prefix first */
              caps: {
                /**
                 * @description The beginning of the numbers that it is for
                 * @example +44
                 */
                prefix: string
                callsPerDay: number
                /** @description Calls of the day (UTC) that were answered or are being set up, of all Batons of one Redis */
                used: number
                /**
                 * Format: date-time
                 * @description When the day ends
                 */
                resetsAt: string
              }[]
              /** @description What it has refused lately */
              memory: {
                /** @enum {unknown} */
                refused: 'refer' | 'srtp'
                /** @description The gateway or host that refused it; the whole trunk without */
                target?: string
                /** @description The refusal, such as 403 Forbidden */
                what: string
                /**
                 * Format: date-time
                 * @description Until when it is remembered: callers are bridged at once
                 */
                until: string
              }[]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/twilio': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The Twilio account that is connected */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: The Twilio account that is connected */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': components['schemas']['TwilioConnection']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    /** Disconnect the Twilio account: take away what Baton has made there, and nothing else */
    delete: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Disconnect the Twilio account: take away what Baton has made there, and nothing else */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /**
               * @description In words, in their order
               * @example [
               *       "Send calls to +14155550100 to the trunk"
               *     ]
               */
              changes: string[]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Bad Gateway */
        502: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/twilio/plan': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What has drifted in the Twilio account, how connecting again would correct it, and what disconnecting would change there */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: What has drifted in the Twilio account, how connecting again would correct it, and what disconnecting would change there */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /** @description What has changed in the account since it was connected */
              findings: {
                /**
                 * @description failed: calls or transfers fail; warning: they may
                 * @enum {unknown}
                 */
                state: 'failed' | 'warning'
                /** @example +14155550100 is released: the account no longer has it */
                detail: string
                /** @description What to do */
                hint: string
              }[]
              /**
               * @description In words, in their order
               * @example [
               *       "Send calls to +14155550100 to the trunk"
               *     ]
               */
              changes: string[]
              /** @description Numbers that the account no longer has */
              missing: string[]
              /**
               * @description In words, in their order
               * @example [
               *       "Send calls to +14155550100 to the trunk"
               *     ]
               */
              disconnect: string[]
            }
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Bad Gateway */
        502: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    /**
     * What connecting would change in the Twilio account
     * @description Nothing is changed, and nothing is kept.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      /** @description Account and secret may be left out once they are kept */
      requestBody: {
        content: {
          /**
           * @example {
           *       "accountSid": "AC00000000000000000000000000000000",
           *       "secret": "the auth token",
           *       "numbers": [
           *         "+14155550100"
           *       ],
           *       "uris": [
           *         "sip:sip.example.com:5061;transport=tls"
           *       ],
           *       "secure": true
           *     }
           */
          'application/json': {
            /** @description Of the Twilio account */
            accountSid?: string
            /** @description Without it, secret is the auth token */
            apiKey?: string
            /** @description Kept encrypted; never answered */
            secret?: string
            /** @description Numbers of the account whose calls go to Baton */
            numbers: string[]
            /**
             * @description Where Twilio reaches Baton, the preferred one first
             * @example [
             *       "sip:sip.example.com:5061;transport=tls"
             *     ]
             */
            uris: string[]
            /** @description TLS and SRTP */
            secure: boolean
            /** @description A SIP trunk of the account to take over; left out: Baton makes one */
            trunkSid?: string
            /** @description TwiML for callers while no Baton answers */
            disasterUrl?: string
            /** @description Numbers whose calls reach Baton by their voice webhook */
            webhook?: {
              /**
               * @description That of Baton, as Twilio reaches it
               * @example https://baton.example.com/v1/twilio/voice
               */
              url: string
              numbers: string[]
            }
            /** @description For calls from Baton */
            domain?: string
            username?: string
            /** @description Given to Twilio, and not kept */
            password?: string
            /** @description That Baton calls from */
            addresses?: string[]
          }
        }
      }
      responses: {
        /** @description OK: What connecting would change in the Twilio account */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              numbers: {
                number: string
                name: string
                /**
                 * @description Where Twilio sends its calls now; left out when nowhere
                 * @example the webhook https://example.com
                 */
                use?: string
              }[]
              /** @description SIP trunks of the account, of which one may be taken over */
              trunks: {
                sid: string
                name: string
              }[]
              /** @description Numbers that are not chosen, and whose calls go to Baton, too: they are on the trunk that is taken over */
              others: string[]
              /**
               * @description In words, in their order
               * @example [
               *       "Send calls to +14155550100 to the trunk"
               *     ]
               */
              changes: string[]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Bad Gateway */
        502: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/twilio/connect': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Connect a Twilio account: make or correct its SIP trunk for Baton
     * @description Again with the same body it changes nothing; after a failure it goes on where it stopped.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      /** @description Account and secret may be left out once they are kept */
      requestBody: {
        content: {
          /**
           * @example {
           *       "accountSid": "AC00000000000000000000000000000000",
           *       "secret": "the auth token",
           *       "numbers": [
           *         "+14155550100"
           *       ],
           *       "uris": [
           *         "sip:sip.example.com:5061;transport=tls"
           *       ],
           *       "secure": true
           *     }
           */
          'application/json': {
            /** @description Of the Twilio account */
            accountSid?: string
            /** @description Without it, secret is the auth token */
            apiKey?: string
            /** @description Kept encrypted; never answered */
            secret?: string
            /** @description Numbers of the account whose calls go to Baton */
            numbers: string[]
            /**
             * @description Where Twilio reaches Baton, the preferred one first
             * @example [
             *       "sip:sip.example.com:5061;transport=tls"
             *     ]
             */
            uris: string[]
            /** @description TLS and SRTP */
            secure: boolean
            /** @description A SIP trunk of the account to take over; left out: Baton makes one */
            trunkSid?: string
            /** @description TwiML for callers while no Baton answers */
            disasterUrl?: string
            /** @description Numbers whose calls reach Baton by their voice webhook */
            webhook?: {
              /**
               * @description That of Baton, as Twilio reaches it
               * @example https://baton.example.com/v1/twilio/voice
               */
              url: string
              numbers: string[]
            }
            /** @description For calls from Baton */
            domain?: string
            username?: string
            /** @description Given to Twilio, and not kept */
            password?: string
            /** @description That Baton calls from */
            addresses?: string[]
          }
        }
      }
      responses: {
        /** @description OK: Connect a Twilio account: make or correct its SIP trunk for Baton */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /**
               * @description In words, in their order
               * @example [
               *       "Send calls to +14155550100 to the trunk"
               *     ]
               */
              changes: string[]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Conflict */
        409: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Bad Gateway */
        502: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhooks/dead-letters': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Events that the webhook has not taken, oldest first */
    get: {
      parameters: {
        query?: {
          /**
           * @description 1000 when left out
           * @example 50
           */
          limit?: number
        }
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Events that the webhook has not taken, oldest first */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              count: number
              deadLetters: {
                /** @description webhook-id: the same for each attempt and each replay */
                id: string
                /** @description The event’s type, such as call.ended */
                type: string
                /**
                 * Format: date-time
                 * @description When it happened
                 */
                at: string
                project: string
                environment: string
                callId?: string
                state: 'dead' | 'replaying'
                /** @description How often it was tried, the last time that it was */
                attempts: number
                /** @description Why the last attempt failed */
                problem: string
                /**
                 * Format: date-time
                 * @description When it was given up
                 */
                failedAt: string
              }[]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    /** Throw all of them away */
    delete: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Throw all of them away */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              deleted: string[]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhooks/dead-letters/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** One of them, with its event */
    get: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Its webhook-id
           * @example 9f2c41d0-17
           */
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: One of them, with its event */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /** @description webhook-id: the same for each attempt and each replay */
              id: string
              /** @description The event’s type, such as call.ended */
              type: string
              /**
               * Format: date-time
               * @description When it happened
               */
              at: string
              project: string
              environment: string
              callId?: string
              state: 'dead' | 'replaying'
              /** @description How often it was tried, the last time that it was */
              attempts: number
              /** @description Why the last attempt failed */
              problem: string
              /**
               * Format: date-time
               * @description When it was given up
               */
              failedAt: string
              /** @description As GET /v1/events shows it */
              event: unknown
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    /** Throw one of them away */
    delete: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Its webhook-id
           * @example 9f2c41d0-17
           */
          id: string
        }
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: Throw one of them away */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              deleted: string[]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhooks/dead-letters/replay': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Send all of them again
     * @description Those of one call in order. Each leaves the list when the webhook has taken it.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody: {
        content: {
          /** @example {} */
          'application/json': Record<string, unknown>
        }
      }
      responses: {
        /** @description Accepted: Send all of them again */
        202: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              replayed: string[]
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhooks/dead-letters/{id}/replay': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Send one of them again
     * @description With the same webhook-id, so that a receiver that has it after all can tell.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path: {
          /**
           * @description Its webhook-id
           * @example 9f2c41d0-17
           */
          id: string
        }
        cookie?: never
      }
      requestBody: {
        content: {
          /** @example {} */
          'application/json': Record<string, unknown>
        }
      }
      responses: {
        /** @description Accepted: Send one of them again */
        202: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': {
              /** @description webhook-id: the same for each attempt and each replay */
              id: string
              /** @description The event’s type, such as call.ended */
              type: string
              /**
               * Format: date-time
               * @description When it happened
               */
              at: string
              project: string
              environment: string
              callId?: string
              state: 'dead' | 'replaying'
              /** @description How often it was tried, the last time that it was */
              attempts: number
              /** @description Why the last attempt failed */
              problem: string
              /**
               * Format: date-time
               * @description When it was given up
               */
              failedAt: string
            }
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unauthorized */
        401: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Found */
        404: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/schema': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** JSON Schema of the project file */
    get: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        /** @description OK: JSON Schema of the project file */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': unknown
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/twilio/voice': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * TwiML that dials Baton by SIP, with the CallSid: the voice webhook of a number
     * @description Answered with `TWILIO_AUTH_TOKEN` set, and only with the X-Twilio-Signature that it makes.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      /** @description The form of Twilio’s request; other fields are signed, and not looked at */
      requestBody: {
        content: {
          /**
           * @example {
           *       "CallSid": "CA00000000000000000000000000000000",
           *       "From": "+14155550123",
           *       "To": "+14155550100"
           *     }
           */
          'application/x-www-form-urlencoded': components['schemas']['TwilioForm']
        }
      }
      responses: {
        /** @description TwiML, as text/xml */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': unknown
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/twilio/voice/ended': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * TwiML for the end of that Dial: the disaster number, where Baton was not reached
     * @description Answered with `TWILIO_AUTH_TOKEN` set, and only with the X-Twilio-Signature that it makes.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      /** @description The form of Twilio’s request; other fields are signed, and not looked at */
      requestBody: {
        content: {
          /**
           * @example {
           *       "CallSid": "CA00000000000000000000000000000000",
           *       "From": "+14155550123",
           *       "To": "+14155550100"
           *     }
           */
          'application/x-www-form-urlencoded': components['schemas']['TwilioForm']
        }
      }
      responses: {
        /** @description TwiML, as text/xml */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': unknown
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/twilio/voice/refer': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * TwiML that moves the caller to the destination of Baton’s REFER
     * @description Answered with `TWILIO_AUTH_TOKEN` set, and only with the X-Twilio-Signature that it makes.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      /** @description The form of Twilio’s request; other fields are signed, and not looked at */
      requestBody: {
        content: {
          /**
           * @example {
           *       "CallSid": "CA00000000000000000000000000000000",
           *       "From": "+14155550123",
           *       "To": "+14155550100"
           *     }
           */
          'application/x-www-form-urlencoded': components['schemas']['TwilioForm']
        }
      }
      responses: {
        /** @description TwiML, as text/xml */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': unknown
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/twilio/disaster': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * TwiML that dials the disaster number: the fallback of a number, or of a SIP trunk
     * @description Answered with `TWILIO_AUTH_TOKEN` set, and only with the X-Twilio-Signature that it makes.
     */
    post: {
      parameters: {
        query?: never
        header?: never
        path?: never
        cookie?: never
      }
      /** @description The form of Twilio’s request; other fields are signed, and not looked at */
      requestBody: {
        content: {
          /**
           * @example {
           *       "CallSid": "CA00000000000000000000000000000000",
           *       "From": "+14155550123",
           *       "To": "+14155550100"
           *     }
           */
          'application/x-www-form-urlencoded': components['schemas']['TwilioForm']
        }
      }
      responses: {
        /** @description TwiML, as text/xml */
        200: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/json': unknown
          }
        }
        /** @description Bad Request */
        400: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Forbidden */
        403: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Payload Too Large */
        413: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unsupported Media Type */
        415: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Unprocessable Entity */
        422: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Too Many Requests */
        429: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Internal Server Error */
        500: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Not Implemented */
        501: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
        /** @description Service Unavailable */
        503: {
          headers: {
            [name: string]: unknown
          }
          content: {
            'application/problem+json': components['schemas']['Problem']
          }
        }
      }
    }
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
}
export type webhooks = Record<string, never>
export interface components {
  schemas: {
    Problem: {
      /** @description urn:baton:problem:<slug> */
      type: string
      title: string
      status: number
      detail: string
      errors?: {
        /** @description JSON pointer to the place */
        pointer: string
        problem: string
        /** @description What would be right */
        hint?: string
        /** @description Line of the file, when it was a file */
        line?: number
      }[]
      /** @description Of 403: the role that is needed */
      needs?: string
    }
    /** @description Who this request is from; left out when it does not say */
    Principal: {
      /** @enum {unknown} */
      kind: 'account' | 'token' | 'admin_token' | 'open'
      /** @description Empty where all is open */
      name: string
      /** @enum {unknown} */
      role: 'agent' | 'context' | 'viewer' | 'operator' | 'publisher' | 'admin'
      /** @description Left out: all */
      projects?: string[]
      /** @description The roles in projects where `role` does not count */
      projectRoles?: {
        [key: string]: 'agent' | 'context' | 'viewer' | 'operator' | 'publisher' | 'admin'
      }
      /** @description Whether the numbers of callers are shown, not masked, where `role` counts */
      seesNumbers: boolean
    }
    Session: {
      /** @description Whether the API asks who a request is from */
      needsSignIn: boolean
      /** @description How a person can sign in */
      ways: ('password' | 'oidc')[]
      principal?: components['schemas']['Principal']
      /** @description The roles of people, each with what those before it may do */
      roles: ('viewer' | 'operator' | 'publisher' | 'admin')[]
    }
    Person: {
      name: string
      /** @enum {unknown} */
      role: 'viewer' | 'operator' | 'publisher' | 'admin'
      /** @description Left out: all projects */
      projects?: string[]
      /** @description The role in each of these projects, in the place of `role`; of `projects`, where that is given */
      projectRoles?: {
        [key: string]: 'viewer' | 'operator' | 'publisher' | 'admin'
      }
      /** @enum {unknown} */
      signsIn: 'password' | 'oidc'
      /** Format: date-time */
      createdAt: string
      /** Format: date-time */
      lastSignInAt?: string
      /** @description Those that have not ended */
      sessions: number
    }
    Token: {
      id: string
      name: string
      /**
       * @description agent: it may transfer calls, and nothing else; context: it may read contexts, and nothing else
       * @enum {unknown}
       */
      role: 'agent' | 'context' | 'viewer' | 'operator' | 'publisher' | 'admin'
      /** @description Left out: all projects */
      projects?: string[]
      /** @description The role in each of these projects, in the place of `role`; of `projects`, where that is given */
      projectRoles?: {
        [key: string]: 'agent' | 'context' | 'viewer' | 'operator' | 'publisher' | 'admin'
      }
      /** Format: date-time */
      createdAt: string
      createdBy: string
      /** Format: date-time */
      expiresAt?: string
      /**
       * Format: date-time
       * @description Uses on another Baton are known within a minute
       */
      lastUsedAt?: string
      lastUsedFrom?: string
    }
    NewToken: {
      id: string
      name: string
      /**
       * @description agent: it may transfer calls, and nothing else; context: it may read contexts, and nothing else
       * @enum {unknown}
       */
      role: 'agent' | 'context' | 'viewer' | 'operator' | 'publisher' | 'admin'
      /** @description Left out: all projects */
      projects?: string[]
      /** @description The role in each of these projects, in the place of `role`; of `projects`, where that is given */
      projectRoles?: {
        [key: string]: 'agent' | 'context' | 'viewer' | 'operator' | 'publisher' | 'admin'
      }
      /** Format: date-time */
      createdAt: string
      createdBy: string
      /** Format: date-time */
      expiresAt?: string
      /**
       * Format: date-time
       * @description Uses on another Baton are known within a minute
       */
      lastUsedAt?: string
      lastUsedFrom?: string
      token: string
    }
    AuditEntry: {
      /** @description In the order of time */
      id: string
      /** Format: date-time */
      at: string
      /** @description The person’s or the token’s name; anonymous where none is known */
      who: string
      /**
       * @description How who is known: open says nothing for certain, baton is Baton itself
       * @enum {unknown}
       */
      kind: 'account' | 'token' | 'admin_token' | 'open' | 'baton'
      /** @description The address, or cli */
      from: string
      why?: string
      /** @description What was asked for, in words */
      action: string
      request?: {
        method: string
        path: string
        /** @description Without passwords and secrets; left out for those who see masked numbers */
        body?: unknown
      }
      project?: string
      environment?: string
      /** @enum {unknown} */
      result: 'done' | 'refused' | 'failed'
      /** @description Of the HTTP answer */
      status?: number
      /** @description Why it was refused */
      problem?: string
      /** @description A version’s number, a digest, or the thing as it was */
      before?: unknown
      after?: unknown
      /** @description Field by field */
      changes?: Record<string, unknown>[]
    }
    Checkup: {
      ok: boolean
      findings: {
        /**
         * @description What was looked at
         * @example sip
         * @example trunk carrier
         * @example demo live
         */
        check: string
        /**
         * @description failed: calls or sign-ins fail, or will; warning: they may, or something expires
         * @enum {unknown}
         */
        state: 'ok' | 'warning' | 'failed'
        /** @description What was found */
        detail: string
        /**
         * @description The setting or field to change
         * @example SIP_TLS_KEYS
         * @example trunks.carrier.gateways
         */
        where?: string
        /** @description What to do */
        hint?: string
      }[]
    }
    LegQuality: {
      codec: string
      /** @enum {unknown} */
      encryption: 'none' | 'sdes' | 'dtls'
      /** @description RTP packets that came from this party */
      packets: number
      /** @description The share of its packets that were lost, 0 to 1 */
      loss: number
      /** @description Seconds (RFC 3550 6.4.1), from its RTCP */
      jitter?: number
      /** @description Estimated mean opinion score, 1 to 4.5 (ITU-T G.107) */
      mos?: number
    }
    /** @description Where MEDIA names a media server: how the media of the call goes */
    AnchoredMedia: {
      /** @enum {unknown} */
      anchored: 'none' | 'rtpengine'
      /** @description Why the last leg is anchored: encryption, codecs … */
      reason?: string
      /** @description What came from each party of an anchored leg */
      legs: {
        caller?: components['schemas']['LegQuality']
        agent?: components['schemas']['LegQuality']
        destination?: components['schemas']['LegQuality']
      }
      /** @description A party that no packet ever came from, and what to look at */
      problem?: string
    }
    /** @description notice: the caller is being told of the recording, which begins then */
    Recording: {
      /** @enum {unknown} */
      state: 'off' | 'notice' | 'recording' | 'paused' | 'failed'
      /** @description The files, oldest first: a further one for each party, after each pause, and by each other rtpengine */
      files: {
        /** Format: date-time */
        at: string
        /** @enum {unknown} */
        party: 'agent' | 'destination'
        /** @description The rtpengine that writes it: the address of its ng port */
        server: string
        /** @description The beginning of the name that it has in the folder of that rtpengine */
        name: string
      }[]
      /** @description Why it is not recorded although it is to be */
      problem?: string
    }
    AgentState: {
      /** Format: date-time */
      at: string
      /** @description A word of the agent’s platform, such as verified */
      state: string
      detail?: string
    }
    Evidence: {
      /** Format: date-time */
      at: string
      /** @enum {unknown} */
      from: 'caller' | 'agent' | 'destination' | 'baton'
      /** @description A response, a sipfrag, a BYE, a timer that ran out … in words of SIP */
      what: string
    }
    Attempt: {
      handoff: string
      /** @enum {unknown} */
      method: 'refer' | 'invite' | 'bye'
      target: string
      /** @enum {unknown} */
      result?: 'succeeded' | 'failed' | 'abandoned' | 'unknown'
      reason?: string
      /** @description The SIP status that decided it */
      code?: number
      /** @description Why there was no connection, as far as that is known */
      detail?: string
      /**
       * @description The status is Baton’s own: no response came
       * @enum {boolean}
       */
      local?: true
      /**
       * @description The destination had said that it rings
       * @enum {boolean}
       */
      rang?: true
      /** @description The earlier refusal of REFER by this trunk for which the caller was bridged at once */
      remembered?: {
        what: string
        /** Format: date-time */
        until: string
      }
      /** @description Gateways, and addresses it was redirected to, that were called before and gave way to the next */
      tried?: {
        target: string
        reason: string
        code?: number
      }[]
      /** Format: date-time */
      startedAt: string
      /** Format: date-time */
      endedAt?: string
      /** @description The headers sent, as rendered */
      headers: {
        [key: string]: string
      }
      evidence: components['schemas']['Evidence'][]
    }
    Transfer: {
      id: string
      /** @description The handoff that was run; the default one when the requested name is unknown */
      handoff: string
      requestedHandoff: string
      /** @enum {unknown} */
      requestedBy: 'refer' | 'api'
      requestReason?: string
      /**
       * @description The agent had another call, whose far end the caller is to be joined with
       * @enum {boolean}
       */
      attended?: true
      /** @description What the agent gave along is at /v1/context/{contextId}, for a time */
      contextId?: string
      /** @description Attended: the id of that other call */
      joins?: string
      /** @enum {unknown} */
      state: 'running' | 'ended'
      /** @enum {unknown} */
      result?: 'succeeded' | 'failed' | 'abandoned' | 'unknown'
      reason?: string
      sipStatus?: number
      /** @description Proof came after the outcome: when it came, and the outcome before it */
      amended?: {
        /** Format: date-time */
        at: string
        /** @enum {unknown} */
        result: 'succeeded' | 'failed' | 'abandoned' | 'unknown'
        reason: string
      }
      /** @description Once ended, in words: what happened, whose doing it was, what to change */
      diagnosis?: string
      /** Format: date-time */
      startedAt: string
      /** Format: date-time */
      endedAt?: string
      attempts: components['schemas']['Attempt'][]
    }
    Call: {
      id: string
      project: string
      environment: string
      version: number
      /** @description The release of its environment that it is pinned to */
      release?: number
      trunk: string
      /** @description The process that has, or had, the call: its NODE_NAME */
      node: string
      /** @description Where the caller’s INVITE came from */
      source: {
        transport: string
        address: string
        port: number
      }
      /** @enum {unknown} */
      state: 'setup' | 'connected' | 'transferring' | 'bridged' | 'ended'
      /**
       * @description A synthetic call of Baton’s own
       * @enum {boolean}
       */
      rehearsal?: true
      /** @description The agent is the caller: it asks a handoff’s destination about the call of this id */
      consults?: string
      /** @enum {unknown} */
      result?: 'answered' | 'rejected' | 'failed' | 'abandoned'
      reason?: string
      /** @description The final response to the caller’s INVITE */
      sipStatus?: number
      /** @description Why no party could be called, party by party */
      detail?: string
      caller: {
        uri: string
        callId: string
        number: string
        name?: string
      }
      /** @description Headers of the INVITE that say who calls, and who was called before, by name: P-Asserted-Identity, Diversion … */
      identity?: {
        [key: string]: string
      }
      called: string
      agent: {
        uri: string
        callId: string
      }
      destination?: {
        uri: string
        callId: string
        handoff: string
      }
      /**
       * @description The caller was given to the handoff under `agent_down`; left out while agents are called
       * @enum {string}
       */
      via?: 'agent_down'
      /** @description The handoff that the caller was given under `agent_down`, since no agent took the call */
      agentDown?: string
      /** @description Agents, and destinations under `agent_down`, that were called in vain before the answer */
      tried?: {
        uri: string
        /** @description Its response, or that none came */
        what: string
        /** @description A slug, such as busy, no_answer, no_response (not even 100) or unreachable */
        reason?: string
      }[]
      /** @description In words, of a call that ended without an answer, or with audio in one direction alone: what happened, whose doing it was, what to change */
      diagnosis?: string
      media?: components['schemas']['AnchoredMedia']
      recording?: components['schemas']['Recording']
      /** Format: date-time */
      startedAt: string
      /**
       * Format: date-time
       * @description When the caller first heard a provisional response beyond 100
       */
      ringingAt?: string
      /** @description From then to the answer, or to the end without one */
      ringSeconds?: number
      /** Format: date-time */
      answeredAt?: string
      /**
       * Format: date-time
       * @description When Baton took the call up again after a restart
       */
      recoveredAt?: string
      /** Format: date-time */
      endedAt?: string
      /** @enum {unknown} */
      endedBy?: 'caller' | 'agent' | 'destination' | 'baton'
      /** @description The Q.850 cause of the end: that of its Reason, else the one that the SIP status stands for (RFC 3398) */
      endCause?: number
      /** @description The Reason (RFC 3326) of the message that ended it */
      endReason?: string
      durationSeconds?: number
      /** @description As the agent’s platform has set them, oldest first */
      states?: components['schemas']['AgentState'][]
      transfers: components['schemas']['Transfer'][]
    }
    Ladder: {
      messages: {
        /** Format: date-time */
        at: string
        /** @enum {unknown} */
        leg: 'caller' | 'agent' | 'destination'
        /** @enum {unknown} */
        direction: 'in' | 'out'
        local: string
        remote: string
        transport: string
        text: string
        /** @description Malformed header lines that were ignored (RFC 3261 8.2.2), and why */
        passedOver?: string[]
      }[]
      /** @description How many messages are not kept: the call had too many, or the memory went to later ones */
      omitted?: number
    }
    Media: {
      /** @description The session descriptions of the ladder, in order */
      sessions: {
        /** Format: date-time */
        at: string
        /** @enum {unknown} */
        leg: 'caller' | 'agent' | 'destination'
        /**
         * @description in: the party’s own; out: what Baton told the party
         * @enum {unknown}
         */
        direction: 'in' | 'out'
        /** @description The message that had it: INVITE, 200 OK … */
        message: string
        streams: {
          /** @description audio, video, image … */
          type: string
          /** @description Where its party wants media: address:port; port 0 refuses the stream */
          address: string
          /** @description By preference, such as PCMU and opus */
          codecs: string[]
          /**
           * @description As the sender of the description sees it; inactive and sendonly put the other side on hold
           * @enum {unknown}
           */
          direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'
          /** @description SRTP */
          encrypted: boolean
        }[]
      }[]
      /** @description Who was told to exchange media with whom, and when */
      talks: {
        /** Format: date-time */
        from: string
        /**
         * Format: date-time
         * @description Left out while it goes on
         */
        until?: string
        /** @description The two whose addresses were given to each other */
        parties: ('caller' | 'agent' | 'destination')[]
        /**
         * @description none: on hold
         * @enum {unknown}
         */
        flow: 'both' | 'one_way' | 'none'
        /** @description Those of the two who could hear the other */
        hears: ('caller' | 'agent' | 'destination')[]
        /** @description The first one that both named; empty when there is none */
        codec: string
      }[]
    }
    Context: {
      id: string
      callId: string
      /** @description Left out where no agent took the call */
      transferId?: string
      project: string
      environment: string
      handoff: string
      caller: {
        uri: string
        number: string
        name?: string
      }
      /** @description The number that the caller dialled */
      called: string
      /** @description The number of the handoff’s pool that the transfer dials */
      dialled?: string
      /** @description Why, in the agent’s words */
      reason?: string
      variables: {
        [key: string]: string
      }
      /** @description The JSON of the transfer request, as it was given */
      context?: unknown
      states: components['schemas']['AgentState'][]
      /** Format: date-time */
      createdAt: string
      /** Format: date-time */
      expiresAt: string
    }
    /** @description the settings of an environment: its numbers, agents, agent_down, progress_timeout, probe, limit and variables */
    EnvironmentSettings: {
      /** @description a list of E.164 numbers in quotes, such as ["+14155550100"] */
      numbers?: string[]
      /** @description a list of SIP URIs of agents, such as ["sip:agent@127.0.0.1:5090"] */
      agents?: (
        | string
        | {
            /** @description a SIP URI such as "sip:agent@127.0.0.1:5090" */
            uri: string
            /** @description lower ones are tried first (RFC 2782), 0 to 65535; 0 without it */
            priority?: number
            /** @description the share of calls among those of equal priority (RFC 2782), 0 to 65535 */
            weight?: number
            /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
            limit?: {
              /** @description calls at once, 1 to 1000000 */
              calls?: number
              /** @description new calls a second, 1 to 100000 */
              cps?: number
              /** @description seconds that a call waits for room, 0 (none) to 600 */
              queue?: number
            }
          }
      )[]
      /** @description the name of the handoff that callers get when no agent answers; that of the project otherwise */
      agent_down?: string
      /**
       * @description seconds in which an agent must send a response to the INVITE, 100 included, before the next is tried, 0 (no limit) to 60
       * @default 3
       */
      progress_timeout?: number
      /** @description how OPTIONS asks whether it is well: { interval, timeout, down_after, up_after, ok, back_off } */
      probe?: {
        /** @description seconds between two OPTIONS, 0 (off) to 86400; `probe_interval` of Baton decides otherwise */
        interval?: number
        /**
         * @description seconds in which the response must come, 0.1 to 60
         * @default 2
         */
        timeout?: number
        /**
         * @description failures in a row after which it is down, 1 to 100
         * @default 3
         */
        down_after?: number
        /**
         * @description good answers in a row after which it is up again, 1 to 100
         * @default 2
         */
        up_after?: number
        /** @description the statuses that are good answers, such as [200, 404]; each but 503 otherwise */
        ok?: number[]
        /**
         * @description seconds without a call once a call has found it down, 0.1 to 3600
         * @default 10
         */
        back_off?: number
      }
      /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
      limit?: {
        /** @description calls at once, 1 to 1000000 */
        calls?: number
        /** @description new calls a second, 1 to 100000 */
        cps?: number
        /** @description seconds that a call waits for room, 0 (none) to 600 */
        queue?: number
      }
      /** @description variables of this environment, name and value */
      variables?: {
        [key: string]: string
      }
    }
    /** @description The settings that it runs, and the draft that a promotion would take */
    Environment: {
      /** @description the name of the handoff that callers get when no agent answers; that of the project otherwise */
      agent_down?: string
      /**
       * @description may an agent ask for a raw number or URI; `true` or `false`
       * @default false
       */
      adhoc?: boolean
      /** @description beginnings of numbers and URIs that an agent may never ask for, such as "+1900" */
      adhoc_deny?: string[]
      /** @description beginnings of numbers that an agent may ask for though they are premium, satellite or a fraud range, such as "+8816" */
      adhoc_allow?: string[]
      /** @description private hosts that an agent may ask for, such as "10.0.0.9", or "10.0.0.9:5070" for one port; those of handoffs and gateways it may */
      adhoc_hosts?: string[]
      /**
       * @description may an agent call a handoff itself, to ask first; `true` or `false`
       * @default true
       */
      consult?: boolean
      /**
       * @description what of each call is recorded, off, caller, both, stop_at_handoff, from_handoff: both from the agent's answer to the end, stop_at_handoff with the agent, from_handoff with the person
       * @default off
       * @enum {unknown}
       */
      recording?: 'off' | 'caller' | 'both' | 'stop_at_handoff' | 'from_handoff'
      /** @description what the caller hears before anything is recorded: an audio file of the project such as "notice.wav", or a text to be spoken */
      recording_notice?: string
      /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
      project_limit?: {
        /** @description calls at once, 1 to 1000000 */
        calls?: number
        /** @description new calls a second, 1 to 100000 */
        cps?: number
        /** @description seconds that a call waits for room, 0 (none) to 600 */
        queue?: number
      }
      /** @description a list of E.164 numbers in quotes, such as ["+14155550100"] */
      numbers?: string[]
      /** @description a list of SIP URIs of agents, such as ["sip:agent@127.0.0.1:5090"] */
      agents?: (
        | string
        | {
            /** @description a SIP URI such as "sip:agent@127.0.0.1:5090" */
            uri: string
            /** @description lower ones are tried first (RFC 2782), 0 to 65535; 0 without it */
            priority?: number
            /** @description the share of calls among those of equal priority (RFC 2782), 0 to 65535 */
            weight?: number
            /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
            limit?: {
              /** @description calls at once, 1 to 1000000 */
              calls?: number
              /** @description new calls a second, 1 to 100000 */
              cps?: number
              /** @description seconds that a call waits for room, 0 (none) to 600 */
              queue?: number
            }
          }
      )[]
      /**
       * @description seconds in which an agent must send a response to the INVITE, 100 included, before the next is tried, 0 (no limit) to 60
       * @default 3
       */
      progress_timeout?: number
      /** @description how OPTIONS asks whether it is well: { interval, timeout, down_after, up_after, ok, back_off } */
      probe?: {
        /** @description seconds between two OPTIONS, 0 (off) to 86400; `probe_interval` of Baton decides otherwise */
        interval?: number
        /**
         * @description seconds in which the response must come, 0.1 to 60
         * @default 2
         */
        timeout?: number
        /**
         * @description failures in a row after which it is down, 1 to 100
         * @default 3
         */
        down_after?: number
        /**
         * @description good answers in a row after which it is up again, 1 to 100
         * @default 2
         */
        up_after?: number
        /** @description the statuses that are good answers, such as [200, 404]; each but 503 otherwise */
        ok?: number[]
        /**
         * @description seconds without a call once a call has found it down, 0.1 to 3600
         * @default 10
         */
        back_off?: number
      }
      /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
      limit?: {
        /** @description calls at once, 1 to 1000000 */
        calls?: number
        /** @description new calls a second, 1 to 100000 */
        cps?: number
        /** @description seconds that a call waits for room, 0 (none) to 600 */
        queue?: number
      }
      /** @description variables of this environment, name and value */
      variables?: {
        [key: string]: string
      }
      /** @description The release that new calls are pinned to; none before the first promotion */
      release?: number
      /** @description The version of that release */
      version?: number
      /** Format: date-time */
      promotedAt?: string
      /** @description The release that a share of the calls tries */
      canary?: {
        release: number
        version: number
        percent: number
        tolerance: number
        sample: number
        /** Format: date-time */
        startedAt: string
      }
      /** @description Those in force, newest first */
      switches?: {
        id: string
        handoff?: string
        schedule?: string
        /** @enum {unknown} */
        action: 'close' | 'open' | 'divert'
        /** @description Of a divert: the handoff that callers are sent to */
        to?: string
        /**
         * Format: date-time
         * @description When it expires; without it, it stays until it is removed
         */
        until?: string
        /**
         * @description `until` is the next opening of the schedule, as it was when this was set
         * @enum {boolean}
         */
        nextOpening?: true
        reason: string
        by: string
        /** @description Where it was set from, such as `api 127.0.0.1` */
        from: string
        /** Format: date-time */
        at: string
      }[]
      draft?: components['schemas']['EnvironmentSettings']
    }
    Project: {
      project: string
      /** @description Those of the project file beside environments and table */
      settings: Record<string, unknown>
      draft: {
        digest: string
      }
      /** @description 0 before the first is published */
      lastVersion: number
      environments: {
        [key: string]: components['schemas']['Environment']
      }
    }
    /**
     * @description a handoff
     * @example {
     *       "name": "front-desk",
     *       "description": "Reception, day and night",
     *       "default": true,
     *       "method": "refer",
     *       "route": "sip:front-desk@pbx.example",
     *       "headers": {
     *         "X-Caller": "$caller_id"
     *       },
     *       "on_failure": []
     *     }
     */
    Handoff: {
      /** @description an identifier that stays when the handoff is renamed */
      id?: string
      /** @description a name of letters, digits, ".", "_" and "-", at most 64 characters */
      name: string
      /** @description what people call it, such as "VIP host desk" */
      display_name?: string
      /** @description what the destination is, in words */
      description?: string
      /**
       * @description false takes it out of use; `true` or `false`
       * @default true
       */
      active?: boolean
      /**
       * @description true for the one handoff that unknown names get; `true` or `false`
       * @default false
       */
      default?: boolean
      /**
       * @description how the caller is moved: refer, invite or bye
       * @default refer
       * @enum {unknown}
       */
      method?: 'refer' | 'invite' | 'bye'
      /** @description an E.164 number such as "+14155550100", or a tel:, sip: or sips: URI, whose user part may be a template such as sip:${queue}@pbx.example; not with method bye */
      route?: string
      /** @description header names with their values; values are templates such as "acct-${account}" */
      headers?: {
        [key: string]: string
      }
      /**
       * @description where headers go: request, refer_to or both
       * @default request
       * @enum {unknown}
       */
      headers_in?: 'request' | 'refer_to' | 'both'
      /** @description names of the handoffs to try next, in order */
      on_failure?: string[]
      /**
       * @description when REFER is refused: invite (bridge) or none
       * @default invite
       * @enum {unknown}
       */
      fallback?: 'invite' | 'none'
      /**
       * @description seconds that a destination may ring, 0.1 to 600
       * @default 30
       */
      ring_timeout?: number
      /** @description seconds in which a destination must send a response to an INVITE, 100 included, 0 (no limit) to 60; the trunk decides otherwise */
      progress_timeout?: number
      /** @description how OPTIONS asks whether it is well: { interval, timeout, down_after, up_after, ok, back_off } */
      probe?: {
        /** @description seconds between two OPTIONS, 0 (off) to 86400; `probe_interval` of Baton decides otherwise */
        interval?: number
        /**
         * @description seconds in which the response must come, 0.1 to 60
         * @default 2
         */
        timeout?: number
        /**
         * @description failures in a row after which it is down, 1 to 100
         * @default 3
         */
        down_after?: number
        /**
         * @description good answers in a row after which it is up again, 1 to 100
         * @default 2
         */
        up_after?: number
        /** @description the statuses that are good answers, such as [200, 404]; each but 503 otherwise */
        ok?: number[]
        /**
         * @description seconds without a call once a call has found it down, 0.1 to 3600
         * @default 10
         */
        back_off?: number
      }
      /**
       * @description seconds without a sign of life of a REFER, 0.1 to 600
       * @default 30
       */
      notify_timeout?: number
      /**
       * @description seconds for the whole transfer, 0.1 to 3600
       * @default 120
       */
      deadline?: number
      /** @description who the destination sees as the caller, for method invite */
      caller_id?: {
        /** @description From: `as_is` (the caller), `dialled` (the number that was called), a number or a URI */
        from?: string
        /** @description P-Asserted-Identity (RFC 3325): `as_is`, `dialled`, `none`, a number or a URI */
        p_asserted_identity?: string
        /** @description Diversion (RFC 5806): `as_is`, `dialled`, `none`, a number or a URI */
        diversion?: string
        /** @description History-Info (RFC 7044): `as_is`, `dialled`, `none`, a number or a URI */
        history_info?: string
        /** @description Privacy (RFC 3323): `as_is`, `none`, or values such as `id` */
        privacy?: string
      }
      /**
       * @description how a number is written: e164, without_plus, national, prefix_00, as_written; the trunk decides otherwise
       * @enum {unknown}
       */
      number_format?: 'e164' | 'without_plus' | 'national' | 'prefix_00' | 'as_written'
      /** @description the name of the trunk to use */
      trunk?: string
      /**
       * @description the transport wished: udp, tcp or tls
       * @enum {unknown}
       */
      transport?: 'udp' | 'tcp' | 'tls'
      /**
       * @description SRTP, for method invite: required, preferred (plain RTP to a destination that refuses it) or none; as the caller has it otherwise
       * @enum {unknown}
       */
      encryption?: 'none' | 'preferred' | 'required'
      /**
       * @description whether the caller hears the destination before it answers, for method invite: hold (it stays with the agent) or pass; the trunk decides otherwise
       * @enum {unknown}
       */
      early_media?: 'hold' | 'pass'
      /**
       * @description when a destination answers 300, 301 or 302, for method invite: follow or refuse; the trunk decides otherwise
       * @enum {unknown}
       */
      redirects?: 'follow' | 'refuse'
      /** @description what the caller hears from the beginning of the transfer until the person answers: an audio file of the project such as "music.wav", `silence`, or `agent` (it stays with the agent) */
      hold_music?: string
      /**
       * @description blind (the caller is moved as soon as the destination answers) or warm (the agent can introduce the caller first); a warm transfer is always bridged by INVITE
       * @default blind
       * @enum {unknown}
       */
      mode?: 'blind' | 'warm'
      /** @description what the person who answers hears alone, before the caller: an audio file of the project such as "sales.wav", or a text to be spoken, such as "Call from $caller_name about $reason" */
      announce?: string
      /** @description the person who answers accepts or declines the caller by a digit: { digits, timeout } */
      accept?: {
        /** @description digits and what each means, accept or decline, such as { "1": accept, "2": decline } */
        digits?: {
          [key: string]: 'accept' | 'decline'
        }
        /**
         * @description seconds that the person has to press a digit once the announcement is over, 1 to 120
         * @default 15
         */
        timeout?: number
      }
      /**
       * @description true: a person must accept by a digit, so that no voicemail gets the caller; `true` or `false` (without a digit the caller is put through)
       * @default false
       */
      require_accept?: boolean
      /**
       * @description seconds that the agent stays when the caller is with the person, for mode warm, 0 to 300
       * @default 0
       */
      introduce?: number
      /** @description digits that are pressed when the destination has answered, such as "w1234#" for an extension: 0-9, *, #, A-D, and w for a pause of half a second */
      send_digits?: string
      /**
       * @description what of the caller's talk with the person is recorded, off, caller, both, stop_at_handoff, from_handoff; as the project says otherwise
       * @enum {unknown}
       */
      recording?: 'off' | 'caller' | 'both' | 'stop_at_handoff' | 'from_handoff'
      /** @description User-to-User data (RFC 7433) */
      user_to_user?: {
        /** @description the readable value; a template such as "account=$account" */
        value: string
        /**
         * @description how it is written: genesys, avaya, cisco, text; the profile decides otherwise
         * @enum {unknown}
         */
        form?: 'genesys' | 'avaya' | 'cisco' | 'text'
      }
      /**
       * @description what receives the call: genesys, avaya, five9, nice, twilio, teams
       * @enum {unknown}
       */
      profile?: 'genesys' | 'avaya' | 'five9' | 'nice' | 'twilio' | 'teams'
      /** @description the name of a schedule of this table; always open without one */
      schedule?: string
      /** @description names of the handoffs where callers go while the schedule is closed */
      when_closed?: string[]
      /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
      limit?: {
        /** @description calls at once, 1 to 1000000 */
        calls?: number
        /** @description new calls a second, 1 to 100000 */
        cps?: number
        /** @description seconds that a call waits for room, 0 (none) to 600 */
        queue?: number
      }
      /** @description numbers of which each transfer reserves one, for a destination that takes no headers; in the place of a route */
      pool?: {
        /** @description a list of numbers that all lead to the destination */
        numbers: string[]
        /**
         * @description seconds for which a number stays reserved when its transfer is over, 0 to 3600
         * @default 60
         */
        hold?: number
      }
      /** @description an HTTP endpoint that is asked for the route and headers of each transfer; the route of the table is used when it fails */
      resolver?: {
        /** @description an https URL such as "https://crm.example.com/route" */
        url: string
        /**
         * @description seconds in which it must answer, 0.1 to 10; the route of the table is used after that
         * @default 1
         */
        timeout?: number
        /** @description the name of a secret in RESOLVER_SECRETS, which signs the request; it is not signed otherwise */
        secret?: string
      }
      /** @description free labels, name and value */
      labels?: {
        [key: string]: string
      }
    }
    /** @description a schedule */
    Schedule: {
      /** @description a name of letters, digits, ".", "_" and "-", at most 64 characters */
      name: string
      /** @description what the schedule is for */
      description?: string
      /** @description an IANA time zone such as "Europe/London" */
      time_zone: string
      /** @description opening hours by weekday: mon, tue, wed, thu, fri, sat, sun */
      weekly?: {
        /** @description a list of opening hours such as ["09:00-12:00", "13:00-17:30"] */
        mon?: string[]
        /** @description a list of opening hours such as ["09:00-12:00", "13:00-17:30"] */
        tue?: string[]
        /** @description a list of opening hours such as ["09:00-12:00", "13:00-17:30"] */
        wed?: string[]
        /** @description a list of opening hours such as ["09:00-12:00", "13:00-17:30"] */
        thu?: string[]
        /** @description a list of opening hours such as ["09:00-12:00", "13:00-17:30"] */
        fri?: string[]
        /** @description a list of opening hours such as ["09:00-12:00", "13:00-17:30"] */
        sat?: string[]
        /** @description a list of opening hours such as ["09:00-12:00", "13:00-17:30"] */
        sun?: string[]
      }
      /** @description a list of holidays */
      holidays?: {
        /** @description a date such as "2026-12-25", or "*-12-25" for every year */
        date: string
        /** @description what the day is */
        name?: string
        /** @description a list of opening hours such as ["09:00-12:00", "13:00-17:30"] */
        hours?: string[]
      }[]
      /** @description temporary overrides; the first that applies wins */
      overrides?: {
        /** @description `true` opens, `false` closes */
        open: boolean
        /** @description when it begins, ISO 8601 such as "2026-03-01T12:00"; at once without it */
        from?: string
        /** @description when it expires, ISO 8601 such as "2026-03-01T15:00" */
        until: string
        /** @description why */
        reason?: string
      }[]
    }
    /** @description a rule */
    Rule: {
      /** @description a name of letters, digits, ".", "_" and "-", at most 64 characters */
      name: string
      /** @description why the rule is there */
      description?: string
      /** @description names of handoffs that the rule diverts; without it, transfers that name none */
      asked?: string[]
      /** @description conditions, all of which must hold */
      when?: {
        /** @description called numbers, E.164 */
        called?: string[]
        /** @description beginnings of the caller number, such as "+1415" */
        caller_prefix?: string[]
        /** @description inbound X- headers and the value each must have */
        headers?: {
          [key: string]: string
        }
        /** @description variables and the value each must have */
        variables?: {
          [key: string]: string
        }
        /** @description the name of a schedule of this table */
        schedule?: string
        /**
         * @description open or closed
         * @default open
         * @enum {unknown}
         */
        schedule_is?: 'open' | 'closed'
        /** @description percentage of callers, 0 to 100; a caller stays on the same side */
        share?: number
      }
      /** @description the name of the handoff to use */
      handoff: string
    }
    /**
     * @description a routing table
     * @example {
     *       "handoffs": [
     *         {
     *           "name": "front-desk",
     *           "description": "Reception, day and night",
     *           "default": true,
     *           "method": "refer",
     *           "route": "sip:front-desk@pbx.example",
     *           "headers": {
     *             "X-Caller": "$caller_id"
     *           },
     *           "on_failure": []
     *         }
     *       ],
     *       "schedules": [
     *         {
     *           "name": "office-hours",
     *           "time_zone": "Europe/Berlin",
     *           "weekly": {
     *             "mon": [
     *               "09:00-17:30"
     *             ],
     *             "fri": [
     *               "09:00-15:00"
     *             ]
     *           }
     *         }
     *       ]
     *     }
     */
    Table: {
      /** @description a list of at least one handoff */
      handoffs: components['schemas']['Handoff'][]
      /** @description a list of schedules */
      schedules?: components['schemas']['Schedule'][]
      /** @description the audio files of handoffs and the digest of each, as an upload writes them; an import without it keeps those of the draft */
      audio?: {
        [key: string]: string
      }
      /** @description a list of rules; the first that matches wins */
      rules?: components['schemas']['Rule'][]
    }
    /** @description a project file */
    ProjectFile: {
      /** @description a name of letters, digits, ".", "_" and "-", at most 64 characters */
      project: string
      /** @description what the project is */
      description?: string
      /** @description environments by name: sandbox, pre-release, live */
      environments: {
        sandbox?: components['schemas']['EnvironmentSettings']
        'pre-release'?: components['schemas']['EnvironmentSettings']
        live?: components['schemas']['EnvironmentSettings']
      }
      table: components['schemas']['Table']
      /** @description the name of the handoff that callers get when no agent answers */
      agent_down?: string
      /**
       * @description may an agent ask for a raw number or URI; `true` or `false`
       * @default false
       */
      adhoc?: boolean
      /** @description beginnings of numbers and URIs that an agent may never ask for, such as "+1900" */
      adhoc_deny?: string[]
      /** @description beginnings of numbers that an agent may ask for though they are premium, satellite or a fraud range, such as "+8816" */
      adhoc_allow?: string[]
      /** @description private hosts that an agent may ask for, such as "10.0.0.9", or "10.0.0.9:5070" for one port; those of handoffs and gateways it may */
      adhoc_hosts?: string[]
      /**
       * @description may an agent call a handoff itself, to ask first; `true` or `false`
       * @default true
       */
      consult?: boolean
      /**
       * @description what of each call is recorded, off, caller, both, stop_at_handoff, from_handoff: both from the agent's answer to the end, stop_at_handoff with the agent, from_handoff with the person
       * @default off
       * @enum {unknown}
       */
      recording?: 'off' | 'caller' | 'both' | 'stop_at_handoff' | 'from_handoff'
      /** @description what the caller hears before anything is recorded: an audio file of the project such as "notice.wav", or a text to be spoken */
      recording_notice?: string
      /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
      limit?: {
        /** @description calls at once, 1 to 1000000 */
        calls?: number
        /** @description new calls a second, 1 to 100000 */
        cps?: number
        /** @description seconds that a call waits for room, 0 (none) to 600 */
        queue?: number
      }
      /** @description the variables that transfer requests bring; with this list, any other is a mistake in a template */
      request_variables?: string[]
      /** @description environments that take only rehearsed versions, such as ["live"] */
      require_rehearsal?: ('sandbox' | 'pre-release' | 'live')[]
      /** @description the environments that must have run a version before another may: { live: [sandbox] } */
      promote_after?: {
        /** @description a list of environments: sandbox, pre-release, live */
        sandbox?: ('sandbox' | 'pre-release' | 'live')[]
        /** @description a list of environments: sandbox, pre-release, live */
        'pre-release'?: ('sandbox' | 'pre-release' | 'live')[]
        /** @description a list of environments: sandbox, pre-release, live */
        live?: ('sandbox' | 'pre-release' | 'live')[]
      }
    }
    Change: {
      /** @enum {unknown} */
      kind: 'added' | 'removed' | 'renamed' | 'changed' | 'moved'
      /** @enum {unknown} */
      what: 'handoff' | 'schedule' | 'rule' | 'audio' | 'settings'
      name: string
      /** @description Such as route, headers.X-Account or variables.region */
      field?: string
      before?: unknown
      after?: unknown
    }
    Finding: {
      /** @enum {unknown} */
      severity: 'error' | 'warning' | 'info'
      code: string
      /** @description JSON pointer into the project file */
      pointer: string
      problem: string
      hint?: string
    }
    Version: {
      project: string
      version: number
      /** @description The same for the same table */
      digest: string
      /** Format: date-time */
      publishedAt: string
      by: string
      from: string
      message?: string
      /** @description An earlier version with the same table */
      sameAs?: number
      /** @description Of one just published: the environment where it is to be promoted first */
      next?: string
    }
    HistoryEntry: {
      id: number
      /** Format: date-time */
      at: string
      who: string
      from: string
      why?: string
      action: string
      environment?: string
      /** @description A version’s number or a digest */
      before?: unknown
      after?: unknown
      releases?: {
        before?: unknown
        after?: unknown
      }
      /** @description What it changed, field by field; at most 100 */
      changes?: components['schemas']['Change'][]
    }
    Promotion: {
      /** @description Agents and handoffs’ hosts of the release that get no call now */
      warnings?: {
        /** @example target_down */
        code: string
        /** @example agent sip:agent@192.0.2.20 is down since 14:02 (no response to INVITE) */
        detail: string
      }[]
      project: string
      environment: string
      release: number
      version: number
      /** @description The version of before */
      previous?: number
      previousRelease?: number
      canary?: {
        release: number
        version: number
        percent: number
      }
      entry: components['schemas']['HistoryEntry']
    }
    /** @description the settings that an environment runs */
    ReleaseSettings: {
      /** @description the name of the handoff that callers get when no agent answers; that of the project otherwise */
      agent_down?: string
      /**
       * @description may an agent ask for a raw number or URI; `true` or `false`
       * @default false
       */
      adhoc?: boolean
      /** @description beginnings of numbers and URIs that an agent may never ask for, such as "+1900" */
      adhoc_deny?: string[]
      /** @description beginnings of numbers that an agent may ask for though they are premium, satellite or a fraud range, such as "+8816" */
      adhoc_allow?: string[]
      /** @description private hosts that an agent may ask for, such as "10.0.0.9", or "10.0.0.9:5070" for one port; those of handoffs and gateways it may */
      adhoc_hosts?: string[]
      /**
       * @description may an agent call a handoff itself, to ask first; `true` or `false`
       * @default true
       */
      consult?: boolean
      /**
       * @description what of each call is recorded, off, caller, both, stop_at_handoff, from_handoff: both from the agent's answer to the end, stop_at_handoff with the agent, from_handoff with the person
       * @default off
       * @enum {unknown}
       */
      recording?: 'off' | 'caller' | 'both' | 'stop_at_handoff' | 'from_handoff'
      /** @description what the caller hears before anything is recorded: an audio file of the project such as "notice.wav", or a text to be spoken */
      recording_notice?: string
      /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
      project_limit?: {
        /** @description calls at once, 1 to 1000000 */
        calls?: number
        /** @description new calls a second, 1 to 100000 */
        cps?: number
        /** @description seconds that a call waits for room, 0 (none) to 600 */
        queue?: number
      }
      /** @description a list of E.164 numbers in quotes, such as ["+14155550100"] */
      numbers?: string[]
      /** @description a list of SIP URIs of agents, such as ["sip:agent@127.0.0.1:5090"] */
      agents?: (
        | string
        | {
            /** @description a SIP URI such as "sip:agent@127.0.0.1:5090" */
            uri: string
            /** @description lower ones are tried first (RFC 2782), 0 to 65535; 0 without it */
            priority?: number
            /** @description the share of calls among those of equal priority (RFC 2782), 0 to 65535 */
            weight?: number
            /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
            limit?: {
              /** @description calls at once, 1 to 1000000 */
              calls?: number
              /** @description new calls a second, 1 to 100000 */
              cps?: number
              /** @description seconds that a call waits for room, 0 (none) to 600 */
              queue?: number
            }
          }
      )[]
      /**
       * @description seconds in which an agent must send a response to the INVITE, 100 included, before the next is tried, 0 (no limit) to 60
       * @default 3
       */
      progress_timeout?: number
      /** @description how OPTIONS asks whether it is well: { interval, timeout, down_after, up_after, ok, back_off } */
      probe?: {
        /** @description seconds between two OPTIONS, 0 (off) to 86400; `probe_interval` of Baton decides otherwise */
        interval?: number
        /**
         * @description seconds in which the response must come, 0.1 to 60
         * @default 2
         */
        timeout?: number
        /**
         * @description failures in a row after which it is down, 1 to 100
         * @default 3
         */
        down_after?: number
        /**
         * @description good answers in a row after which it is up again, 1 to 100
         * @default 2
         */
        up_after?: number
        /** @description the statuses that are good answers, such as [200, 404]; each but 503 otherwise */
        ok?: number[]
        /**
         * @description seconds without a call once a call has found it down, 0.1 to 3600
         * @default 10
         */
        back_off?: number
      }
      /** @description a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow */
      limit?: {
        /** @description calls at once, 1 to 1000000 */
        calls?: number
        /** @description new calls a second, 1 to 100000 */
        cps?: number
        /** @description seconds that a call waits for room, 0 (none) to 600 */
        queue?: number
      }
      /** @description variables of this environment, name and value */
      variables?: {
        [key: string]: string
      }
    }
    Release: {
      release: number
      version: number
      settings: components['schemas']['ReleaseSettings']
      by: string
      from: string
      /** Format: date-time */
      at: string
      message?: string
    }
    SwitchOfEnvironment: {
      environment: string
      id: string
      handoff?: string
      schedule?: string
      /** @enum {unknown} */
      action: 'close' | 'open' | 'divert'
      /** @description Of a divert: the handoff that callers are sent to */
      to?: string
      /**
       * Format: date-time
       * @description When it expires; without it, it stays until it is removed
       */
      until?: string
      /**
       * @description `until` is the next opening of the schedule, as it was when this was set
       * @enum {boolean}
       */
      nextOpening?: true
      reason: string
      by: string
      /** @description Where it was set from, such as `api 127.0.0.1` */
      from: string
      /** Format: date-time */
      at: string
      /** @description The handoffs that it decides about now */
      handoffs: string[]
      /** @description The newer switch for the same handoff or schedule, which decides in its place */
      overriddenBy?: string
    }
    Switch: {
      id: string
      handoff?: string
      schedule?: string
      /** @enum {unknown} */
      action: 'close' | 'open' | 'divert'
      /** @description Of a divert: the handoff that callers are sent to */
      to?: string
      /**
       * Format: date-time
       * @description When it expires; without it, it stays until it is removed
       */
      until?: string
      /**
       * @description `until` is the next opening of the schedule, as it was when this was set
       * @enum {boolean}
       */
      nextOpening?: true
      reason: string
      by: string
      /** @description Where it was set from, such as `api 127.0.0.1` */
      from: string
      /** Format: date-time */
      at: string
      /** @description The handoffs that it decides about now */
      handoffs: string[]
      /** @description The newer switch for the same handoff or schedule, which decides in its place */
      overriddenBy?: string
    }
    Openings: {
      environment: string
      version: number
      /** Format: date-time */
      at: string
      schedules: {
        name: string
        timeZone: string
        open: boolean
        /**
         * Format: date-time
         * @description When that changes; absent for never
         */
        until?: string
        /** @description The id of the switch that decides */
        switch?: string
        /** @description The handoffs that name it */
        handoffs: string[]
        /** @description The rules that name it */
        rules: string[]
        /** @description The days of the week of that moment, from Monday on, without exceptions */
        week: {
          date: string
          hours: string[]
          /** @description The name of the holiday whose hours these are */
          holiday?: string
        }[]
      }[]
      handoffs: {
        name: string
        open: boolean
        /**
         * Format: date-time
         * @description When that changes; absent for never
         */
        until?: string
        /** @description The id of the switch that decides */
        switch?: string
        schedule?: string
        /** @description The handoffs that a caller is offered to, in order */
        goesTo: string[]
      }[]
    }
    Warning: {
      code: string
      detail: string
      handoff?: string
    }
    Explanation: {
      project: string
      environment: string
      release: number
      /** @description Of a draft, the number that it would be published as */
      version: number
      draft: boolean
      /** @description The trunk that the call comes in by */
      trunk: string
      requested: string
      matched: 'hit' | 'default'
      /** @description The rule that chose the handoff */
      rule?: string
      handoff: string
      /** @description Seconds for the whole transfer */
      deadline: number
      attempts: {
        handoff: string
        method: 'refer' | 'invite' | 'bye'
        target: string
        /** @description The whole Refer-To value */
        referTo?: string
        headers: {
          [key: string]: string
        }
        /** @description Those that go on the request itself */
        requestHeaders: {
          [key: string]: string
        }
        headersIn: string
        /** @description Of all its headers together */
        headerBytes: number
        /** @description What there is room for: the lower limit of the receiver’s profile and of the trunk */
        headerLimits: {
          count?: number
          bytesEach?: number
          bytesTotal?: number
        }
        ringTimeout: number
        notifyTimeout: number
        fallback: string
        /** @description Why the handoff is not tried: a switch has closed or diverted it */
        passedOver?: {
          /** @enum {unknown} */
          reason: 'closed_by_switch' | 'route_incomplete' | 'route_denied' | 'pool_exhausted'
          detail: string
        }
        messages: {
          method: 'refer' | 'invite' | 'bye'
          to: 'caller' | 'destination'
          /** @description One character a byte */
          text: string
          bytes: number
        }[]
      }[]
      /** @description Every variable that a header’s value may name, as it is in this call */
      variables: {
        [key: string]: string
      }
      /** @description The INVITE that the agent gets first; one character a byte */
      agentInvite: string
      warnings: components['schemas']['Warning'][]
    }
    Rehearsal: {
      id: string
      project: string
      environment: string
      version: number
      /** @enum {boolean} */
      draft?: true
      handoff: string
      /** @description The parties that were Baton’s own */
      synthetic: ('caller' | 'agent' | 'destination')[]
      verdict: 'passed' | 'failed'
      /** @description Why, in one sentence */
      cause: string
      call?: components['schemas']['Call']
      ladder: components['schemas']['Ladder']
      /** @description X- headers as the destination got them */
      headersReceived: {
        [key: string]: string
      }
      /** @description Seconds from the first INVITE, by milestone */
      timings: {
        [key: string]: number
      }
    }
    TargetAddress: {
      /** @example 192.0.2.10 */
      address: string
      /** @example 5060 */
      port: number
      /** @enum {unknown} */
      transport: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'
      /** @enum {unknown} */
      state: 'up' | 'down' | 'half_open' | 'unknown'
      /**
       * @description Why, in words
       * @example no answer to OPTIONS
       */
      reason: string
      /**
       * Format: date-time
       * @description Since when it is in this state
       */
      since: string
      /** @description Seconds between the last OPTIONS and its response */
      rtt?: number
      /** @description Newest first */
      lastResults: {
        /** Format: date-time */
        at: string
        /** @enum {unknown} */
        from: 'probe' | 'call'
        ok: boolean
        what: string
      }[]
    }
    Target: {
      /**
       * @description transport:host:port
       * @example udp:192.0.2.10:5060
       */
      id: string
      /** @enum {unknown} */
      kind: 'gateway' | 'agent' | 'handoff'
      /**
       * @description As the configuration writes it
       * @example sip:192.0.2.10:5060
       */
      uri: string
      /**
       * @description The trunks, environments and handoffs that name it
       * @example [
       *       "trunk carrier",
       *       "demo live",
       *       "demo live front-desk"
       *     ]
       */
      usedBy: string[]
      /**
       * @description half_open: one call at a time is tried
       * @enum {unknown}
       */
      state: 'up' | 'down' | 'half_open' | 'unknown' | 'disabled' | 'draining'
      /**
       * @description Why, in words
       * @example no answer to OPTIONS
       */
      reason: string
      /**
       * Format: date-time
       * @description Since when it is in this state
       */
      since: string
      /** @description Seconds between the last OPTIONS and its response */
      rtt?: number
      /**
       * Format: date-time
       * @description When the first certificate that it has shown to OPTIONS expires
       */
      certificateExpires?: string
      /** @description Calls on it now, in this Baton */
      calls: number
      /**
       * @description What it takes, by the first place that says so
       * @example {
       *       "calls": 30,
       *       "queue": 20
       *     }
       */
      limit?: {
        /** @description Calls at once */
        calls?: number
        /** @description New calls a second */
        cps?: number
        /** @description Seconds that a call waits for room */
        queue?: number
      }
      /**
       * @description What is used of its limit, on all Batons of one Redis
       * @example {
       *       "calls": 12,
       *       "cps": 1
       *     }
       */
      used?: {
        calls: number
        /** @description Calls that began within the last second */
        cps: number
      }
      /** @description Newest first */
      lastResults: {
        /** Format: date-time */
        at: string
        /** @enum {unknown} */
        from: 'probe' | 'call'
        ok: boolean
        what: string
      }[]
      /** @description Those that its name has, each with a state of its own; none before the name has been looked up */
      addresses: components['schemas']['TargetAddress'][]
    }
    TwilioConnection: {
      connected: boolean
      accountSid?: string
      apiKey?: string
      /** @description Of all that Baton has made in the account */
      name?: string
      wanted?: {
        /** @description Numbers of the account whose calls go to Baton */
        numbers: string[]
        /**
         * @description Where Twilio reaches Baton, the preferred one first
         * @example [
         *       "sip:sip.example.com:5061;transport=tls"
         *     ]
         */
        uris: string[]
        /** @description TLS and SRTP */
        secure: boolean
        /** @description A SIP trunk of the account to take over; left out: Baton makes one */
        trunkSid?: string
        /** @description TwiML for callers while no Baton answers */
        disasterUrl?: string
        /** @description Numbers whose calls reach Baton by their voice webhook */
        webhook?: {
          /**
           * @description That of Baton, as Twilio reaches it
           * @example https://baton.example.com/v1/twilio/voice
           */
          url: string
          numbers: string[]
        }
        termination?: {
          /** @description For calls from Baton */
          domain: string
          username?: string
          /** @description That Baton calls from */
          addresses: string[]
        }
      }
      /** @description The trunk for the configuration of Baton, in YAML */
      trunk: string
    }
    /** @description The form of Twilio’s request; other fields are signed, and not looked at */
    TwilioForm: {
      /** @example CA00000000000000000000000000000000 */
      CallSid?: string
      /** @example +14155550123 */
      From?: string
      /** @example +14155550100 */
      To?: string
      DialCallStatus?: string
      /** @description The Refer-To of a REFER */
      ReferTransferTarget?: string
    }
  }
  responses: never
  parameters: never
  requestBodies: never
  headers: never
  pathItems: never
}
export type $defs = Record<string, never>
export type operations = Record<string, never>
