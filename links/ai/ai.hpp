#pragma once
#include "links/link.hpp"

namespace linkspan::ai
{

// Keys of language models: chatgpt (OpenAI), claude (Anthropic), gemini (Google). They neither send nor
// receive.
extern link_template const chatgpt;
extern link_template const claude;
extern link_template const gemini;

}  // namespace linkspan::ai
