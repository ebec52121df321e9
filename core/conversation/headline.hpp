#pragma once
#include "core/conversation/telling.hpp"

#include <optional>
#include <string_view>

namespace linkspan
{

// Builds the one line of a telling. Every text is brought to one line and to its limit; what is missing or
// empty adds nothing, together with the words that introduce it.
class headline
{
public:
    headline& words(std::string_view text);
    headline& person(std::optional<linkspan::person> const& who);  // "Somebody" where the name is not known
    headline& people(std::vector<linkspan::person> const& who);    // "Ada, Grace and Lin"
    headline& code(std::string_view text, std::size_t bytes_max = title_bytes_max);
    headline& link(std::string_view text, std::optional<std::string> const& url);

    // The code or text after `before` ("from "), if there is one.
    headline& code_after(std::string_view before, std::optional<std::string> const& text);
    headline& quoted_after(std::string_view before, std::optional<std::string> const& text);

    std::vector<telling_span> take() { return std::move(spans_); }

private:
    void add(span_style style, std::string text, std::string url = {});

    std::vector<telling_span> spans_;
};

// The first line of a commit's message and the like; "1 commit", "2 commits".
std::string count_of(std::size_t number, std::string_view one);

// The first twelve characters of a hash.
std::string_view short_hash(std::string_view hash);

}  // namespace linkspan
