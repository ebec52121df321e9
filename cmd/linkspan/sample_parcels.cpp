#include "cmd/linkspan/sample_parcels.hpp"

#include "cmd/linkspan/read_file.hpp"
#include "cmd/linkspan/sample_bodies.hpp"

#include <array>
#include <filesystem>

namespace linkspan
{
namespace
{

constexpr std::size_t file_bytes_max = 32u << 20;  // beyond every limit of a server: to try those out
constexpr std::int64_t pull_requests = 1'000'000;
constexpr std::int64_t runs = 1'000'000'000;
constexpr std::int64_t numbers_of_a_run = 100;

std::int64_t random_below(std::int64_t limit)
{
    std::array<std::uint8_t, 8> bytes{};
    fill_random(bytes);
    std::uint64_t number = 0;
    for (auto const byte : bytes)
        number = number << 8 | byte;
    return static_cast<std::int64_t>(number % static_cast<std::uint64_t>(limit));
}

result<parcel> parcel_of_file(send_sample_options const& options)
{
    if (options.event_key.empty())
        return error(errc::invalid, "--file needs --event-key, as in --event-key pullrequest:created");
    auto body = read_file(options.file, file_bytes_max);
    if (!body)
        return with_name(options.file, body.error());
    parcel out;
    out.name = std::filesystem::path(options.file).filename().string();
    out.event_key = options.event_key;
    out.body = std::move(*body);
    return out;
}

result<std::vector<sample>> chosen_samples(send_sample_options const& options, std::vector<sample> const& all)
{
    std::vector<sample> chosen;
    auto const wanted = options.event.empty() ? std::string("opened") : options.event;
    for (auto const& one : all)
        if (options.story ? one.in_story : (one.name == wanted || one.event_key == wanted))
        {
            chosen.push_back(one);
            if (!options.story)
                break;
        }
    if (!chosen.empty())
        return chosen;
    std::vector<std::string> names;
    for (auto const& one : all)
    {
        names.push_back(one.name);
        names.push_back(one.event_key);
    }
    auto const near = did_you_mean(wanted, names);
    return error(
        errc::not_found,
        "there is no sample " + wanted +
            (near.empty() ? "; linkspan send-sample LINK --list shows them" : near)
    );
}

}  // namespace

result<std::vector<parcel>> pack(send_sample_options const& options, edition wanted)
{
    std::vector<parcel> out;
    if (!options.file.empty())
    {
        auto own = parcel_of_file(options);
        if (!own)
            return own.error();
        out.push_back(std::move(*own));
        return out;
    }
    auto const all = samples_of(wanted);
    if (!all)
        return all.error();
    auto const chosen = chosen_samples(options, *all);
    if (!chosen)
        return chosen.error();
    sample_run run;
    run.pull_request = options.pull_request ? *options.pull_request : 1 + random_below(pull_requests);
    run.number = numbers_of_a_run * (1 + random_below(runs));
    for (auto const& one : *chosen)
    {
        run.now = system_now();
        auto body = body_of(one, run);
        if (!body)
            return body.error();
        parcel filled;
        filled.name = one.name;
        filled.event_key = one.event_key;
        filled.body = std::move(*body);
        out.push_back(std::move(filled));
    }
    return out;
}

}  // namespace linkspan
