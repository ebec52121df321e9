#pragma once
#include "links/bitbucket/api.hpp"

#include <boost/json/array.hpp>

#include <functional>
#include <set>
#include <unordered_map>

namespace linkspan::bitbucket
{

// Lists of Bitbucket's REST API, page by page. Cloud: `values`, and `next`, a URL that is followed as it is
// (developer.atlassian.com/cloud/bitbucket/rest/intro, Pagination). Data Center: `values`, `isLastPage` and
// `nextPageStart`, which is no count of items (developer.atlassian.com/server/bitbucket/rest, Paged APIs).

// One list in one go: ten thousand comments. What is longer is read on from listing::next.
inline constexpr int pages_max = 100;

// The pages of one list together.
inline constexpr std::size_t list_bytes_max = 32U << 20U;

// So many pages in a row without an item that was not there before, and the list is taken for endless.
inline constexpr int barren_pages_max = 3;

// A diffstat is redirected once, to the range of its commits.
inline constexpr int redirects_max = 3;

// How much of a list.
struct list_limits
{
    int pages = pages_max;  // requests, which a budget counts
    std::size_t page_bytes = page_bytes_max;
    std::size_t list_bytes = list_bytes_max;
    std::string from;  // listing::next of the same list, to read on; empty: from its beginning
    // Asked before each request but the first; false: the list ends there, with page_limit. Unset: yes.
    std::function<boost::asio::awaitable<bool>()> grant_next;

    list_limits() = default;
    explicit list_limits(int pages, std::string from = {}) : pages(pages), from(std::move(from)) {}
};

// What was read of a list, also of one that ended in a fault: that proves nothing gone.
struct listing : api_outcome
{
    // Each item once, in the order of the first sight, as it was when it was seen last.
    boost::json::array values;
    int requests = 0;
    // The page that was not read; empty at the end of the list, and where there is no place to go on.
    std::string next;
    // The Date of the first answer: whatever changed since may be missing, or newer than the rest.
    std::optional<time_point> began_at;

    listing() = default;

    // Every item of the list is here, from limits.from on. Else fault says why not.
    bool is_whole() const { return fault == api_fault::none; }
};

enum class page_dialect
{
    cloud,
    data_center,
};

// One list. identity: the JSON pointer of what makes an item one ("/id"), for pages that shift while they are
// read; empty, or an item without it: the whole item.
struct list_order
{
    std::string url;  // of the first page
    page_dialect dialect = page_dialect::cloud;
    std::string identity;
    int redirects = 0;  // followed, on the same host; each counts as a request
    list_limits limits;

    list_order() = default;
    list_order(std::string url, page_dialect dialect, std::string identity, list_limits limits)
        : url(std::move(url)), dialect(dialect), identity(std::move(identity)), limits(std::move(limits))
    {
    }
};

// Reads the list to its end, or to the first fault. Each page is asked once: who wants to try again reads on
// from listing::next.
boost::asio::awaitable<listing> read_list(api_access api, list_order wanted);

// The same without a network: what to ask next, and what the answers make of the list.
//
//   url() --answer--> take() --true--> url() ...
//                            --false--> result()
class list_reader
{
public:
    list_reader(std::string base_url, list_order wanted);

    std::string const& url() const { return out_.next; }
    std::size_t bytes_wanted() const;  // of the next answer; at least one

    // Whether there is more to ask.
    bool take(api_answer answer);

    // Ends the list before its next page.
    void end_early();

    listing result() { return std::move(out_); }

private:
    bool stop(api_fault fault, std::string message);
    bool take_page(api_answer& answer);
    bool take_items(boost::json::array& items);
    bool go_on(std::string place);
    bool end();
    bool take_next_of_cloud(boost::json::object const& page);
    bool take_next_of_data_center(boost::json::object const& page);

    std::string base_url_;
    list_order wanted_;
    listing out_;
    std::unordered_map<std::string, std::size_t> places_;  // identity of an item -> its index in values
    std::set<std::string, std::less<>> asked_;
    std::size_t bytes_ = 0;
    int barren_pages_ = 0;
    int redirects_ = 0;
    int repeated_items_ = 0;
    std::optional<std::int64_t> size_;  // of the whole list, as the pages say
    bool is_resized_ = false;
};

}  // namespace linkspan::bitbucket
