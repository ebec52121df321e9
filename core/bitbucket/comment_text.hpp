#pragma once
#include "core/event/event.hpp"

namespace linkspan
{

// Fills in what a comment's text says: suggestions, which replace the lines that the comment is anchored to,
// and attachments. Both editions write them alike.
void read_comment_text(comment& said);

}  // namespace linkspan
