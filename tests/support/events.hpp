#pragma once
#include "core/event/event.hpp"

namespace linkspan::test
{

// Invented events of pull request 7 of acme/api, by Ada, for tests that need some event; `kind` comes with a
// detail that has every member. The moment is 2026-11-20 09:30 UTC.
event sample_event(event_kind kind);

// A comment with two suggestions that replace lines, and two attachments.
event detailed_comment();

// The same kind with nothing that may be missing.
event bare_event(event_kind kind);

person sample_person(std::string_view name);

}  // namespace linkspan::test
