#include "links/bitbucket/pages.hpp"

#include "core/base/utf8.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/parse.hpp>

#include <algorithm>

namespace linkspan::bitbucket
{
namespace
{

namespace json = boost::json;

std::string identity_of(json::value const& item, std::string_view pointer)
{
    boost::system::error_code failure;
    auto const* const found = pointer.empty() ? nullptr : item.find_pointer(pointer, failure);
    return json::serialize(found == nullptr || found->is_null() ? item : *found);
}

std::optional<std::int64_t> integer_in(json::object const& page, std::string_view name)
{
    auto const* const found = page.if_contains(name);
    if (found == nullptr || !found->is_int64() || found->get_int64() < 0)
        return std::nullopt;
    return found->get_int64();
}

std::string with_start(std::string const& url, std::int64_t start)
{
    return url + (url.find('?') == std::string::npos ? "?" : "&") + "start=" + std::to_string(start);
}

}  // namespace

list_reader::list_reader(std::string base_url, list_order wanted)
    : base_url_(std::move(base_url)), wanted_(std::move(wanted))
{
    out_.next = wanted_.limits.from.empty() ? wanted_.url : wanted_.limits.from;
    asked_.insert(out_.next);
}

std::size_t list_reader::bytes_wanted() const
{
    auto const left = wanted_.limits.list_bytes - std::min(bytes_, wanted_.limits.list_bytes);
    return std::clamp<std::size_t>(left, 1, wanted_.limits.page_bytes);
}

bool list_reader::take(api_answer answer)
{
    ++out_.requests;
    bool const is_followed = answer.fault == api_fault::moved && redirects_ < wanted_.redirects;
    auto values = std::move(out_.values);
    auto began_at = out_.began_at ? out_.began_at : answer.notes.date;
    static_cast<api_outcome&>(out_) = answer;
    out_.values = std::move(values);
    out_.began_at = began_at;
    if (is_followed)
    {
        ++redirects_;
        auto place = std::move(out_.moved_to);
        static_cast<api_outcome&>(out_) = api_outcome();
        return go_on(std::move(place));
    }
    if (answer.fault == api_fault::oversized && bytes_ > 0)
        return stop(
            api_fault::oversized,
            answer.why.message + ", or its pages together have more than " +
                std::to_string(wanted_.limits.list_bytes)
        );
    return answer.fault == api_fault::none && take_page(answer);
}

bool list_reader::stop(api_fault fault, std::string message)
{
    out_.fail(fault, std::move(message));
    return false;
}

bool list_reader::take_page(api_answer& answer)
{
    bytes_ += answer.text.size();
    auto* const page = answer.body.if_object();
    auto* const values = page == nullptr ? nullptr : page->if_contains("values");
    if (values == nullptr || !values->is_array())
        return stop(api_fault::not_a_page, "the answer is JSON, but no page of a list: it has no values");
    if (auto const size = integer_in(*page, "size"); size && wanted_.dialect == page_dialect::cloud)
    {
        is_resized_ = is_resized_ || (size_ && *size_ != *size);
        size_ = size;
    }
    barren_pages_ = take_items(values->get_array()) ? 0 : barren_pages_ + 1;
    return wanted_.dialect == page_dialect::cloud ? take_next_of_cloud(*page)
                                                  : take_next_of_data_center(*page);
}

// Whether there was anything new. What comes twice was read later the second time.
bool list_reader::take_items(json::array& items)
{
    bool is_new = false;
    for (auto& item : items)
    {
        auto const [place, is_first] =
            places_.emplace(identity_of(item, wanted_.identity), out_.values.size());
        is_new = is_new || is_first;
        if (is_first)
            out_.values.push_back(std::move(item));
        else
        {
            out_.values[place->second] = std::move(item);
            ++repeated_items_;
        }
    }
    return is_new;
}

void list_reader::end_early()
{
    stop(
        api_fault::page_limit,
        "the list goes on after " + std::to_string(out_.requests) + " pages, as many as may be asked for now"
    );
}

bool list_reader::go_on(std::string place)
{
    if (!is_same_origin(base_url_, place))
    {
        auto const parsed = boost::urls::parse_uri(place);
        auto const host = parsed
                              ? single_line(std::string(parsed->encoded_host_and_port()), rest_text_bytes_max)
                              : std::string("a place that is no URL");
        out_.next.clear();
        return stop(
            api_fault::foreign_host, "the next page of the list is on " + host + ", which is not asked"
        );
    }
    if (!asked_.insert(place).second)
    {
        out_.next.clear();
        return stop(api_fault::endless, "the list is endless: its next page is one that was read before");
    }
    out_.next = std::move(place);
    if (barren_pages_ >= barren_pages_max)
        return stop(
            api_fault::endless,
            "the list is endless: " + std::to_string(barren_pages_) + " pages in a row brought nothing new"
        );
    if (out_.requests >= wanted_.limits.pages)
        return stop(
            api_fault::page_limit,
            "the list goes on after " + std::to_string(out_.requests) + " pages, as many as were wanted"
        );
    if (bytes_ >= wanted_.limits.list_bytes)
        return stop(
            api_fault::oversized,
            "the pages of the list together have more than " + std::to_string(wanted_.limits.list_bytes) +
                " bytes"
        );
    return true;
}

bool list_reader::end()
{
    out_.next.clear();
    if (repeated_items_ > 0)
        return stop(
            api_fault::shifted,
            "the list changed while it was read: " + std::to_string(repeated_items_) +
                " of its items came twice"
        );
    if (is_resized_)
        return stop(api_fault::shifted, "the list changed while it was read: its size is another one");
    return false;
}

bool list_reader::take_next_of_cloud(json::object const& page)
{
    auto const* const next = page.if_contains("next");
    if (next == nullptr || next->is_null())
        return end();
    if (!next->is_string() || next->get_string().size() > place_bytes_max)
    {
        out_.next.clear();
        return stop(api_fault::not_a_page, "the answer is no page of a list: its next is no URL");
    }
    return go_on(std::string(next->get_string()));
}

bool list_reader::take_next_of_data_center(json::object const& page)
{
    auto const* const last = page.if_contains("isLastPage");
    auto const start = integer_in(page, "nextPageStart");
    if (last != nullptr && last->is_bool() && last->get_bool())
        return end();
    if (last == nullptr || !last->is_bool() || !start)
    {
        out_.next.clear();
        return stop(
            api_fault::not_a_page, "the answer is no page of a list: it tells neither an end nor a next"
        );
    }
    return go_on(with_start(wanted_.url, *start));
}

boost::asio::awaitable<listing> read_list(api_access api, list_order wanted)
{
    // Asio would throw out of the next co_await once we are cancelled, and what was read would be lost.
    bool const throws = co_await boost::asio::this_coro::throw_if_cancelled();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    auto const grant_next = wanted.limits.grant_next;
    list_reader reader(api.base_url, std::move(wanted));
    std::string const no_etag;
    bool goes_on = true;
    while (goes_on)
    {
        auto page = co_await ask_api(api, reader.url(), no_etag, reader.bytes_wanted());
        goes_on = reader.take(std::move(page));
        if (!goes_on || !grant_next)
            continue;
        goes_on = co_await grant_next();
        if (!goes_on)
            reader.end_early();
    }
    co_await boost::asio::this_coro::throw_if_cancelled(throws);
    auto out = reader.result();
    http_request asked;
    asked.headers.push_back(std::move(api.proof));
    out.why.message = without_credentials(std::move(out.why.message), asked);
    co_return out;
}

}  // namespace linkspan::bitbucket
