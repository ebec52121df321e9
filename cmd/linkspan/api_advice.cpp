#include "cmd/linkspan/api_advice.hpp"

#include <boost/algorithm/string/replace.hpp>

#include <algorithm>
#include <array>

namespace linkspan
{
namespace
{

struct advice_row
{
    std::string_view fault;
    std::string_view advice;  // <link> stands for the link's name
};

constexpr std::string_view try_again = "the next try may read it whole";
constexpr std::string_view look_at_url =
    "look at the URL of link <link> (linkspan get-link <link>), and for a proxy or a sign-in page before the "
    "API";
constexpr std::string_view look_for_reach =
    "linkspan check-link <link> says whether Bitbucket can be reached";
constexpr std::string_view look_at_spending = "linkspan budget shows what is spent";

constexpr std::array<advice_row, 18> advice_rows = {{
    {"unauthorized", "linkspan check-link <link> says what is wrong with the credential"},
    {"forbidden",
     "linkspan check-link <link> says which scopes it lacks; its account must be allowed to read"},
    {"not_found",
     "look whether it is there under this name, and whether the account of link <link> may read it"},
    {"gone", "Bitbucket has ended this call: look for a newer Linkspan"},
    {"moved", "write its new name in config.toml"},
    {"rate_limited", look_at_spending},
    {"refused", "linkspan check-link <link> says whether the link works at all"},
    {"unavailable", look_for_reach},
    {"unheard", look_for_reach},
    {"not_json", look_at_url},
    {"not_a_page", look_at_url},
    {"oversized", look_at_url},
    {"foreign_host", look_at_url},
    {"endless", try_again},
    {"page_limit", try_again},
    {"shifted", try_again},
    {budget_fault, look_at_spending},
    {odd_clock_fault, "let NTP set the clocks of this machine and of Bitbucket"},
}};

}  // namespace

std::string advice_on(std::string_view fault, std::string const& link)
{
    auto const found = std::ranges::find(advice_rows, fault, &advice_row::fault);
    return found == advice_rows.end()
               ? std::string()
               : boost::algorithm::replace_all_copy(std::string(found->advice), "<link>", link);
}

}  // namespace linkspan
